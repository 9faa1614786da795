// What the engine over libllama and the one over its stand-in share.

#include "engine.h"

std::vector<uint8_t> engine::state() {
    std::vector<uint8_t> out(llama_state_get_size(context));
    llama_state_get_data(context, out.data(), out.size());
    return out;
}

std::vector<uint8_t> engine::seq_state(llama_seq_id seq_id) {
    std::vector<uint8_t> out(llama_state_seq_get_size(context, seq_id));
    llama_state_seq_get_data(context, out.data(), out.size(), seq_id);
    return out;
}

tokens_t some_tokens(size_t n, unsigned seed) {
    tokens_t tokens(n);
    uint32_t x = seed * 2654435761u + 1;
    for (llama_token & token : tokens) {
        x = x * 1664525u + 1013904223u;
        token = (llama_token) (x >> 16) % 64;
    }
    return tokens;
}

std::string last_error() {
    return std::string(llama_state_mmap_error_name(llama_state_mmap_last_error())) + ": " + llama_state_mmap_last_error_message();
}
