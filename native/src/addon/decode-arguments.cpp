#include "decode-arguments.h"

#include "context-wrap.h"
#include "sampler-wrap.h"

#include <algorithm>

static std::vector<uint8_t> read_permitted(const argument & allowed, const argument & forbidden, int32_t n_vocab) {
    if (allowed.absent() && forbidden.absent()) {
        return {};
    }
    std::vector<uint8_t> permitted((size_t) n_vocab, allowed.absent() ? 1 : 0);
    if (!allowed.absent()) {
        for (const llama_token token : read_tokens(allowed, n_vocab)) {
            permitted[(size_t) token] = 1;
        }
    }
    if (!forbidden.absent()) {
        for (const llama_token token : read_tokens(forbidden, n_vocab)) {
            permitted[(size_t) token] = 0;
        }
    }
    if (std::find(permitted.begin(), permitted.end(), 1) == permitted.end()) {
        throw out_of_range(allowed.name + " and " + forbidden.name + " leave no token to choose");
    }
    return permitted;
}

static sample_rule read_sample_rule(const argument & options, int32_t n_vocab) {
    const argument sampler         = options.member("sampler");
    const argument log_probability = options.member("logProbability");
    const argument expected        = options.member("expected");

    sample_rule rule;
    rule.sampler               = sampler.absent() ? nullptr : sampler_wrap::handle_of(sampler);
    rule.wants_log_probability = !log_probability.absent() && read_boolean(log_probability);
    rule.is_draft              = !expected.absent();
    rule.expected              = expected.absent() ? LLAMA_TOKEN_NULL : (llama_token) read_integer(expected, -1, n_vocab - 1);
    rule.permitted             = read_permitted(options.member("allowed"), options.member("forbidden"), n_vocab);
    return rule;
}

static void read_item(const argument & item, const context_handle & context, decode_request & request) {
    const int32_t  n_vocab  = context.model->n_vocab;
    const auto     sequence = read_sequence(item.member("sequence"), context);
    const auto     tokens   = read_tokens(item.member("tokens"), n_vocab);
    const int64_t  last     = INT32_MAX - (int64_t) context.n_batch;
    const auto     position = (llama_pos) read_integer(item.member("position"), 0, last);
    const argument sample   = item.member("sample");

    if (tokens.empty()) {
        throw out_of_range(item.name + ".tokens is empty");
    }
    if (request.tokens.size() + tokens.size() > context.n_batch) {
        throw out_of_range("more than nBatch (" + std::to_string(context.n_batch) + ") tokens");
    }

    request.items.push_back({sequence, position, (int32_t) tokens.size()});
    request.tokens.insert(request.tokens.end(), tokens.begin(), tokens.end());
    if (!sample.absent()) {
        request.outputs.push_back({(int32_t) request.tokens.size() - 1, read_sample_rule(sample, n_vocab)});
    }
}

decode_request read_decode_request(const argument & items, const argument & options, const context_handle & context) {
    const Napi::Array array = read_array(items);
    const uint32_t    n     = array.Length();
    if (n == 0) {
        throw out_of_range(items.name + " is empty");
    }

    decode_request request;
    for (uint32_t i = 0; i < n; ++i) {
        read_item({array.Get(i), items.name + "[" + std::to_string(i) + "]"}, context, request);
    }
    if (request.outputs.size() > context.n_outputs_max) {
        throw out_of_range("more than " + std::to_string(context.n_outputs_max) + " items with sample");
    }
    const argument ahead = options.absent() ? options : options.member("ahead");
    request.ahead        = !ahead.absent() && read_boolean(ahead);
    if (request.ahead && (n > 1 || request.outputs.empty())) {
        throw out_of_range(ahead.name + " is for one item with sample");
    }
    return request;
}
