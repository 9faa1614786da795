#include "token-pieces.h"

#include <algorithm>

std::string token_piece(const llama_vocab * vocab, llama_token token, bool special) {
    std::string piece(64, '\0');
    int32_t     n = llama().llama_token_to_piece(vocab, token, &piece[0], (int32_t) piece.size(), 0, special);
    if (n < 0) {
        piece.resize((size_t) -n);
        n = llama().llama_token_to_piece(vocab, token, &piece[0], (int32_t) piece.size(), 0, special);
    }
    piece.resize(n < 0 ? 0 : (size_t) n);
    return piece;
}

static bool is_text(const llama_vocab * vocab, llama_token token) {
    return !llama().llama_vocab_is_control(vocab, token) && !llama().llama_vocab_is_eog(vocab, token);
}

token_pieces::token_pieces(const llama_vocab * vocab, int32_t n_vocab) {
    for (llama_token token = 0; token < n_vocab; ++token) {
        const std::string bytes = is_text(vocab, token) ? token_piece(vocab, token, false) : std::string();
        if (!bytes.empty()) {
            sorted.push_back({(uint32_t) text.size(), (uint32_t) bytes.size(), token});
            text += bytes;
        }
    }
    std::sort(sorted.begin(), sorted.end(), [this](const piece & a, const piece & b) { return bytes_of(a) < bytes_of(b); });
}

std::vector<llama_token> token_pieces::starting_with(std::string_view bytes) const {
    std::vector<llama_token> result;

    const auto from = [this](std::string_view key) {
        return std::lower_bound(sorted.begin(), sorted.end(), key,
                                [this](const piece & p, std::string_view k) { return bytes_of(p) < k; });
    };
    for (auto it = from(bytes); it != sorted.end() && bytes_of(*it).substr(0, bytes.size()) == bytes; ++it) {
        result.push_back(it->token);
    }
    for (size_t n = 1; n < bytes.size(); ++n) {
        const std::string_view prefix = bytes.substr(0, n);
        for (auto it = from(prefix); it != sorted.end() && bytes_of(*it) == prefix; ++it) {
            result.push_back(it->token);
        }
    }

    std::sort(result.begin(), result.end());
    return result;
}
