// One llama_decode: what is asked for, checked before llama.cpp sees it, and what came out.
#pragma once

#include "context-handle.h"
#include "sampling.h"

#include <vector>

struct decode_item {
    llama_seq_id sequence;
    llama_pos    position; // of its first token
    int32_t      n_tokens;
};

struct decode_output {
    int32_t     index; // in the batch
    sample_rule rule;
};

struct decode_request {
    decode_ticket              ticket = 0;
    std::vector<decode_item>   items;
    std::vector<llama_token>   tokens; // of all items
    std::vector<decode_output> outputs;
    bool                       ahead = false; // begin with the sampled token when nothing else is queued
};

struct decode_result {
    const char *             status = "done";
    int32_t                  code   = 0;
    std::vector<llama_token> sampled;
    std::vector<float>       log_probabilities;
    double                   ms    = 0;
    bool                     ahead = false; // it was begun before it was asked for
};

// Of a decode that may go on from one that was begun ahead.
std::optional<head_start::purpose> purpose_of(const context_handle & context, const decode_request & request);

// Inference thread. Throws native_error (ERR_WARMFORK_ARGUMENT) if an item does not continue its sequence.
decode_result decode(const std::shared_ptr<context_handle> & context, const decode_request & request);
