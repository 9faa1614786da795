#include "sampling.h"

#include "native-error.h"

#include <algorithm>
#include <cmath>

static bool is_candidate(const float * logits, llama_token token, const sample_rule & rule) {
    return (rule.permitted.empty() || rule.permitted[(size_t) token]) && std::isfinite(logits[token]);
}

// In lanes, which compilers turn into vectors; not a number is never the largest.
static float largest(const float * logits, int32_t n_vocab) {
    constexpr int32_t lanes = 16;
    float             lane[lanes];
    std::fill(lane, lane + lanes, -INFINITY);
    int32_t i = 0;
    for (; i + lanes <= n_vocab; i += lanes) {
        for (int32_t j = 0; j < lanes; ++j) {
            lane[j] = logits[i + j] > lane[j] ? logits[i + j] : lane[j];
        }
    }
    float result = *std::max_element(lane, lane + lanes);
    for (; i < n_vocab; ++i) {
        result = logits[i] > result ? logits[i] : result;
    }
    return result;
}

static llama_token best_token(const float * logits, int32_t n_vocab, const sample_rule & rule) {
    if (rule.permitted.empty()) {
        const float max = largest(logits, n_vocab);
        if (std::isfinite(max)) {
            return (llama_token) (std::find(logits, logits + n_vocab, max) - logits);
        }
    }
    llama_token best = LLAMA_TOKEN_NULL;
    for (llama_token token = 0; token < n_vocab; ++token) {
        if (is_candidate(logits, token, rule) && (best < 0 || logits[token] > logits[best])) {
            best = token;
        }
    }
    return best;
}

static llama_token drawn_token(const float * logits, int32_t n_vocab, const sample_rule & rule) {
    std::vector<llama_token_data> candidates;
    for (llama_token token = 0; token < n_vocab; ++token) {
        if (is_candidate(logits, token, rule)) {
            candidates.push_back({token, logits[token], 0.0f});
        }
    }
    if (candidates.empty()) {
        return LLAMA_TOKEN_NULL;
    }

    llama_token_data_array array = {candidates.data(), candidates.size(), -1, false};
    llama_sampler *        chain = rule.sampler->chain.get();
    llama().llama_sampler_apply(chain, &array);
    if (array.selected < 0 || array.selected >= (int64_t) array.size) {
        return LLAMA_TOKEN_NULL;
    }
    const llama_token token = array.data[array.selected].id;
    llama().llama_sampler_accept(chain, token);
    return token;
}

static float log_probability(const float * logits, int32_t n_vocab, llama_token token) {
    const float max = *std::max_element(logits, logits + n_vocab);
    double      sum = 0.0;
    for (int32_t i = 0; i < n_vocab; ++i) {
        sum += std::exp(logits[i] - max);
    }
    return (float) (logits[token] - max - std::log(sum));
}

sampled_token sample_token(const float * logits, int32_t n_vocab, const sample_rule & rule) {
    const llama_token token = rule.sampler ? drawn_token(logits, n_vocab, rule) : best_token(logits, n_vocab, rule);
    if (token == LLAMA_TOKEN_NULL) {
        throw context_error("no permitted token has a finite logit");
    }
    return {token, rule.wants_log_probability ? log_probability(logits, n_vocab, token) : NAN};
}

bool is_tie(const float * logits, int32_t n_vocab, const sample_rule & rule, llama_token sampled) {
    // Chosen, not derived: batches of 16 and of 1 gave equal logits where that was measured (x86-64, Q8_0), other
    // backends and types have not been measured.
    constexpr float margin = 0.05f;
    if (rule.sampler || !rule.permitted.empty()) {
        return false;
    }
    const float second = std::max(largest(logits, sampled), largest(logits + sampled + 1, n_vocab - sampled - 1));
    return logits[sampled] - second < margin;
}
