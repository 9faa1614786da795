// For programs that link libllama: fills the table from the linked symbols. Not part of llama_state_mmap.

#include "llama_state_mmap.h"

bool llama_state_mmap_link(void) {
    llama_state_mmap_llama_api api = {};
    api.llama_n_ctx              = llama_n_ctx;
    api.llama_n_ctx_seq          = llama_n_ctx_seq;
    api.llama_n_seq_max          = llama_n_seq_max;
    api.llama_get_model          = llama_get_model;
    api.llama_get_memory         = llama_get_memory;
    api.llama_model_get_vocab    = llama_model_get_vocab;
    api.llama_vocab_n_tokens     = llama_vocab_n_tokens;
    api.llama_vocab_bos          = llama_vocab_bos;
    api.llama_decode             = llama_decode;
    api.llama_memory_clear       = llama_memory_clear;
    api.llama_memory_seq_rm      = llama_memory_seq_rm;
    api.llama_memory_seq_pos_max = llama_memory_seq_pos_max;
    api.llama_state_get_size     = llama_state_get_size;
    api.llama_state_get_data     = llama_state_get_data;
    api.llama_state_set_data     = llama_state_set_data;
    api.llama_state_seq_get_size = llama_state_seq_get_size;
    api.llama_state_seq_get_data = llama_state_seq_get_data;
    api.llama_state_seq_set_data = llama_state_seq_set_data;
    return llama_state_mmap_set_api(&api);
}
