// A stand-in for libllama where there is none to link: the functions of llama.h that llama_state_mmap calls, over
// cells that hold a position, sequence ids and bytes that depend on every token before. It writes and reads the
// states of llama.cpp (state_walker.h has their form) and refuses a state it has no room for, as llama.cpp does.

#pragma once

#include "engine.h"

struct llama_vocab {
    int32_t n_tokens;
};

struct llama_model {
    model_shape shape;
    llama_vocab vocab;
};

llama_context * fake_context_new(const llama_model * model, const context_shape & shape);
void fake_context_free(llama_context * ctx);

// Depend on every cell of the sequence.
logits_t fake_logits(const llama_context * ctx, llama_seq_id seq_id);
