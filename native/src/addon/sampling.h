// Chooses one token from a row of logits.
#pragma once

#include "sampler-handle.h"

#include <memory>
#include <vector>

struct sample_rule {
    std::shared_ptr<sampler_handle> sampler; // greedy without
    std::vector<uint8_t>            permitted; // by token; empty: every token
    bool                            wants_log_probability = false; // it costs as much as all the rest
    bool                            is_draft              = false;
    llama_token                     expected              = LLAMA_TOKEN_NULL; // of a draft: what goes on
};

struct sampled_token {
    llama_token token;
    float       log_probability; // under the distribution before any rule; not a number unless it is wanted
};

// Throws native_error (ERR_WARMFORK_CONTEXT) when no permitted token has a finite logit.
sampled_token sample_token(const float * logits, int32_t n_vocab, const sample_rule & rule);

// Greedy: whether another token is as good as the sampled one, up to what batches of another size may differ in.
bool is_tie(const float * logits, int32_t n_vocab, const sample_rule & rule, llama_token sampled);
