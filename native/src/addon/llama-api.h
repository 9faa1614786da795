// The functions of libllama that the addon calls, resolved at run time in the library that the process has loaded.
#pragma once

#include "llama.h"

#include <string>

// Everything here exists in the pinned llama.cpp release; a library without one of them is refused.
#define LLAMA_API_FUNCTIONS(X)             \
    X(llama_version)                       \
    X(llama_log_set)                       \
    X(llama_max_parallel_sequences)        \
    X(llama_model_default_params)          \
    X(llama_model_load_from_file)          \
    X(llama_model_free)                    \
    X(llama_model_get_vocab)               \
    X(llama_model_desc)                    \
    X(llama_model_n_params)                \
    X(llama_model_size)                    \
    X(llama_model_n_ctx_train)             \
    X(llama_model_n_layer)                 \
    X(llama_model_n_swa)                   \
    X(llama_model_rope_freq_scale_train)   \
    X(llama_model_is_recurrent)            \
    X(llama_model_is_hybrid)               \
    X(llama_model_is_diffusion)            \
    X(llama_model_has_encoder)             \
    X(llama_model_chat_template)           \
    X(llama_model_meta_count)              \
    X(llama_model_meta_key_by_index)       \
    X(llama_model_meta_val_str_by_index)   \
    X(llama_vocab_type)                    \
    X(llama_vocab_n_tokens)                \
    X(llama_vocab_get_attr)                \
    X(llama_vocab_get_add_bos)             \
    X(llama_vocab_is_eog)                  \
    X(llama_vocab_is_control)              \
    X(llama_vocab_bos)                     \
    X(llama_vocab_eos)                     \
    X(llama_vocab_eot)                     \
    X(llama_vocab_nl)                      \
    X(llama_vocab_fim_pre)                 \
    X(llama_vocab_fim_suf)                 \
    X(llama_vocab_fim_mid)                 \
    X(llama_vocab_fim_pad)                 \
    X(llama_vocab_fim_rep)                 \
    X(llama_vocab_fim_sep)                 \
    X(llama_tokenize)                      \
    X(llama_token_to_piece)                \
    X(llama_context_default_params)        \
    X(llama_init_from_model)               \
    X(llama_free)                          \
    X(llama_n_ctx)                         \
    X(llama_n_ctx_seq)                     \
    X(llama_n_batch)                       \
    X(llama_n_seq_max)                     \
    X(llama_get_model)                     \
    X(llama_get_memory)                    \
    X(llama_memory_clear)                  \
    X(llama_memory_seq_rm)                 \
    X(llama_memory_seq_cp)                 \
    X(llama_memory_seq_pos_min)            \
    X(llama_memory_seq_pos_max)            \
    X(llama_attach_threadpool)             \
    X(llama_decode)                        \
    X(llama_synchronize)                   \
    X(llama_get_logits_ith)                \
    X(llama_state_get_size)                \
    X(llama_state_get_data)                \
    X(llama_state_set_data)                \
    X(llama_state_load_file)               \
    X(llama_state_save_file)               \
    X(llama_state_seq_get_size)            \
    X(llama_state_seq_get_data)            \
    X(llama_state_seq_set_data)            \
    X(llama_state_seq_save_file)           \
    X(llama_state_seq_load_file)           \
    X(llama_sampler_chain_default_params)  \
    X(llama_sampler_chain_init)            \
    X(llama_sampler_chain_add)             \
    X(llama_sampler_init_top_k)            \
    X(llama_sampler_init_top_p)            \
    X(llama_sampler_init_temp)             \
    X(llama_sampler_init_dist)             \
    X(llama_sampler_apply)                 \
    X(llama_sampler_accept)                \
    X(llama_sampler_free)

struct llama_api {
#define LLAMA_API_MEMBER(name) decltype(&::name) name;
    LLAMA_API_FUNCTIONS(LLAMA_API_MEMBER)
#undef LLAMA_API_MEMBER
};

// The resolved table. Process-wide, as the library is; never changes once it is set.
const llama_api & llama();

// Throws native_error (ERR_WARMFORK_LIBRARY) before initialize().
void llama_require();

// Resolves the table. With `backends_path` (a folder) the backends are loaded from there and llama.cpp is started, unless
// the process has done so: else the one who loaded the library did. A second call must name the same library. Any thread.
// Throws native_error (ERR_WARMFORK_LIBRARY).
void llama_load(const std::string & llama_path, const std::string & ggml_path, const std::string & backends_path);
