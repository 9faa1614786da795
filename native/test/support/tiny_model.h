// Writes a GGUF model of the llama architecture with seeded weights and a vocabulary of numbers: a few hundred
// kilobytes that load in milliseconds. Its output has no meaning, but every bit of it depends on every cell.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct model_shape {
    uint32_t n_layer   = 2;
    uint32_t n_embd    = 64;
    uint32_t n_head    = 2;
    uint32_t n_head_kv = 1;
    uint32_t n_vocab   = 64;

    // One number of K/V heads for each layer instead of n_head_kv for all; the architecture is then "deci".
    std::vector<uint32_t> n_head_kv_by_layer = {};
};

void write_tiny_model(const std::string & path, const model_shape & shape);
