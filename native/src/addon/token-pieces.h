// The bytes of every text token, sorted, for token healing.
#pragma once

#include "llama-api.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

class token_pieces {
public:
    token_pieces() = default;
    token_pieces(const llama_vocab * vocab, int32_t n_vocab);

    // Text tokens that begin with `bytes`, and those that are a non-empty prefix of it; ascending.
    std::vector<llama_token> starting_with(std::string_view bytes) const;

private:
    struct piece {
        uint32_t    offset;
        uint32_t    size;
        llama_token token;
    };

    std::string_view bytes_of(const piece & p) const { return std::string_view(text).substr(p.offset, p.size); }

    std::string        text;   // all pieces, one after another
    std::vector<piece> sorted; // by bytes
};

// The bytes of one token; special tokens have their name only with `special`. Any thread.
std::string token_piece(const llama_vocab * vocab, llama_token token, bool special);
