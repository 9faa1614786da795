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

using clock = std::chrono::steady_clock;

double ms_since(clock::time_point start) {
    return std::chrono::duration<double, std::milli>(clock::now() - start).count();
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

// What was evaluated ahead and is not wanted goes.
void undo_ahead(context_handle & context) {
    if (context.ahead) {
        llama().llama_memory_seq_rm(context.memory, context.ahead->sequence, context.ahead->position, -1);
        context.ahead.reset();
        context.last_output = -1;
    }
}

void run_ahead(context_handle & context, const decode_request & request) {
    const auto start = clock::now();

    context.last_output = -1;
    context.runs_ahead  = true;
    const int32_t code  = run_batch(context, request);
    context.runs_ahead  = false;

    const decode_item & item = request.items.front();
    context.ahead = decode_ahead{item.sequence, item.position, ms_since(start)};
    if (code != 0) {
        undo_ahead(context);
    }
}

// The token after this decode's, while JavaScript looks at this one's.
void begin_ahead(const std::shared_ptr<context_handle> & context, const decode_request & request, llama_token sampled) {
    // Of other memories than a plain KV cache the last token cannot be taken back.
    if (context->state_size_max == 0 || llama().llama_vocab_is_eog(context->model->vocab, sampled)) {
        return;
    }
    const decode_item & before = request.items.front();

    decode_request next;
    next.ticket = request.ticket;
    next.tokens = {sampled};
    next.items.push_back({before.sequence, before.position + before.n_tokens, 1});
    next.outputs.push_back({0, {}});

    const std::weak_ptr<context_handle> held = context;
    head_start start;
    start.is_for = *purpose_of(*context, next);
    start.undo   = [held] { if (const auto alive = held.lock()) undo_ahead(*alive); };
    start.run    = [held, next = std::move(next)] { if (const auto alive = held.lock()) run_ahead(*alive, next); };
    context->worker.begin_next(std::move(start));
}

} // namespace

std::optional<head_start::purpose> purpose_of(const context_handle & context, const decode_request & request) {
    if (request.tokens.size() != 1 || request.outputs.size() != 1) {
        return std::nullopt;
    }
    const decode_item & item = request.items.front();
    return head_start::purpose(&context, item.sequence, item.position, request.tokens.front());
}

decode_result decode(const std::shared_ptr<context_handle> & of, const decode_request & request) {
    context_handle & context = *of;
    const auto       start   = clock::now();
    decode_result    result;

    // Its head start is for this request, else it had been undone.
    if (context.ahead) {
        result.ahead = true;
        result.ms    = context.ahead->ms;
        context.ahead.reset();
    } else {
        check_positions(context, request);
        context.last_output = -1;
        result.code         = run_batch(context, request);
        result.status       = status_of(result.code);
    }
    if (result.code == 0) {
        sample_outputs(context, request, result);
    }
    result.ms += ms_since(start);
    if (request.ahead && result.sampled.size() == 1) {
        begin_ahead(of, request, result.sampled.front());
    }
    return result;
}
