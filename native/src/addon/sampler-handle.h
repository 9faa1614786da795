// A sampler chain: top-k, top-p, temperature, then a draw from what is left. Used on the inference thread.
#pragma once

#include "llama-api.h"

#include <memory>

struct sampler_options {
    float    temperature = 1.0f;
    int32_t  top_k       = 0; // 0: off
    float    top_p       = 1.0f; // 1: off
    uint32_t seed        = 0;
};

struct sampler_deleter {
    void operator()(llama_sampler * chain) const { llama().llama_sampler_free(chain); }
};

class sampler_handle {
public:
    explicit sampler_handle(const sampler_options & options) :
        chain(llama().llama_sampler_chain_init(llama().llama_sampler_chain_default_params())) {
        const auto add = [this](llama_sampler * stage) { llama().llama_sampler_chain_add(chain.get(), stage); };
        add(llama().llama_sampler_init_top_k(options.top_k));
        add(llama().llama_sampler_init_top_p(options.top_p, 1));
        add(llama().llama_sampler_init_temp(options.temperature));
        add(llama().llama_sampler_init_dist(options.seed));
    }

    std::unique_ptr<llama_sampler, sampler_deleter> chain;
};
