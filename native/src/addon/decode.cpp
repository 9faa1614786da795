#include "decode.h"

#include "native-error.h"

#include <chrono>
#include <map>

namespace {

// The arrays of a llama_batch.
struct batch_arrays {
    explicit batch_arrays(const decode_request & request) : tokens(request.tokens) {
        const size_t n = tokens.size();
        positions.reserve(n);
        sequences.reserve(n);
        for (const decode_item & item : request.items) {
            for (int32_t i = 0; i < item.n_tokens; ++i) {
                positions.push_back(item.position + i);
                sequences.push_back(item.sequence);
            }
        }
        n_sequences.assign(n, 1);
        wanted.assign(n, 0);
        for (const decode_output & output : request.outputs) {
            wanted[(size_t) output.index] = 1;
        }
        for (llama_seq_id & sequence : sequences) {
            sequence_lists.push_back(&sequence);
        }
    }

    llama_batch batch() {
        llama_batch result = {};
        result.n_tokens    = (int32_t) tokens.size();
        result.token       = tokens.data();
        result.pos         = positions.data();
        result.n_seq_id    = n_sequences.data();
        result.seq_id      = sequence_lists.data();
        result.logits      = wanted.data();
        return result;
    }

    std::vector<llama_token>    tokens;
    std::vector<llama_pos>      positions;
    std::vector<llama_seq_id>   sequences;
    std::vector<int32_t>        n_sequences;
    std::vector<llama_seq_id *> sequence_lists;
    std::vector<int8_t>         wanted;
};

// Only the inference thread knows where a sequence ends, so this check cannot be made when the job is queued.
void check_positions(const context_handle & context, const decode_request & request) {
    std::map<llama_seq_id, llama_pos> next;
    for (const decode_item & item : request.items) {
        auto it = next.find(item.sequence);
        if (it == next.end()) {
            it = next.emplace(item.sequence, llama().llama_memory_seq_pos_max(context.memory, item.sequence) + 1).first;
        }
        if (item.position != it->second) {
            throw out_of_range("sequence " + std::to_string(item.sequence) + " continues at position " +
                               std::to_string(it->second) + ", not " + std::to_string(item.position));
        }
        it->second += item.n_tokens;
    }
}

const char * status_of(int32_t code) {
    switch (code) {
        case 0:  return "done";
        case 1:  return "noRoom";
        case 2:  return "aborted";
        default: return "fault";
    }
}

int32_t run_batch(context_handle & context, const decode_request & request) {
    if (context.is_aborted(request.ticket)) {
        return 2;
    }
    context.start_threads();
    batch_arrays arrays(request);
    context.running   = request.ticket;
    const int32_t code = llama().llama_decode(context.ctx, arrays.batch());
    llama().llama_synchronize(context.ctx);
    context.running = UINT64_MAX;
    return code;
}

void sample_outputs(context_handle & context, const decode_request & request, decode_result & result) {
    for (const decode_output & output : request.outputs) {
        const float * logits = llama().llama_get_logits_ith(context.ctx, output.index);
        if (logits == nullptr) {
            throw context_error("llama.cpp has no logits for an output");
        }
        const sampled_token sampled = sample_token(logits, context.model->n_vocab, output.rule);
        if (output.rule.is_draft && is_tie(logits, context.model->n_vocab, output.rule, sampled.token)) {
            return;
        }
        result.sampled.push_back(sampled.token);
        result.log_probabilities.push_back(sampled.log_probability);
        context.last_output = output.index;
        if (output.rule.is_draft && sampled.token != output.rule.expected) {
            return;
        }
    }
}

} // namespace

decode_result decode(context_handle & context, const decode_request & request) {
    check_positions(context, request);

    using clock = std::chrono::steady_clock;
    const auto start = clock::now();

    decode_result result;
    context.last_output = -1;
    result.code         = run_batch(context, request);
    result.status       = status_of(result.code);
    if (result.code == 0) {
        sample_outputs(context, request, result);
    }
    result.ms = std::chrono::duration<double, std::milli>(clock::now() - start).count();
    return result;
}
