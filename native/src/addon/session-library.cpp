#include "session-library.h"

#include "llama-api.h"

void session_library_install() {
    llama_state_mmap_llama_api api = {};
#define SESSION_API_COPY(name) api.name = llama().name;
    SESSION_API_COPY(llama_n_ctx)
    SESSION_API_COPY(llama_n_ctx_seq)
    SESSION_API_COPY(llama_n_seq_max)
    SESSION_API_COPY(llama_get_model)
    SESSION_API_COPY(llama_get_memory)
    SESSION_API_COPY(llama_model_get_vocab)
    SESSION_API_COPY(llama_vocab_n_tokens)
    SESSION_API_COPY(llama_vocab_bos)
    SESSION_API_COPY(llama_decode)
    SESSION_API_COPY(llama_memory_clear)
    SESSION_API_COPY(llama_memory_seq_rm)
    SESSION_API_COPY(llama_memory_seq_pos_max)
    SESSION_API_COPY(llama_state_get_size)
    SESSION_API_COPY(llama_state_get_data)
    SESSION_API_COPY(llama_state_set_data)
    SESSION_API_COPY(llama_state_seq_get_size)
    SESSION_API_COPY(llama_state_seq_get_data)
    SESSION_API_COPY(llama_state_seq_set_data)
#undef SESSION_API_COPY
    if (!llama_state_mmap_set_api(&api)) {
        throw library_error(llama_state_mmap_last_error_message());
    }
}

native_error last_session_error() {
    return session_error(llama_state_mmap_error_name(llama_state_mmap_last_error()), llama_state_mmap_last_error_message());
}

void throw_session_error() {
    if (llama_state_mmap_last_error() != LLAMA_STATE_MMAP_OK) {
        throw last_session_error();
    }
}
