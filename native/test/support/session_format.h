// The two formats behind one interface, for tests that do the same with both. Sequences are sequence 1.

#pragma once

#include "engine.h"

struct session_format {
    const char * name;
    bool whole;

    handle open(engine & e, const std::string & path) const {
        return handle(whole ? llama_state_mmap_open(e.ctx(), path.c_str()) : llama_state_seq_mmap_open(e.ctx(), path.c_str(), 1));
    }
    handle open_cow(engine & e, const std::string & path) const {
        return handle(whole ? llama_state_mmap_open_cow(e.ctx(), path.c_str()) : llama_state_seq_mmap_open_cow(e.ctx(), path.c_str(), 1));
    }
    handle open_rw(engine & e, const std::string & path) const {
        return handle(whole ? llama_state_mmap_open_rw(e.ctx(), path.c_str()) : llama_state_seq_mmap_open_rw(e.ctx(), path.c_str(), 1));
    }
    size_t save(engine & e, llama_state_mmap * map, const tokens_t & tokens) const {
        return whole ? llama_state_mmap_save(e.ctx(), map, tokens.data(), tokens.size())
                     : llama_state_seq_mmap_save(e.ctx(), map, 1, tokens.data(), tokens.size());
    }
    bool load(engine & e, llama_state_mmap * map, tokens_t & tokens) const {
        size_t n = 0;
        tokens.resize(llama_n_ctx(e.ctx()));
        const bool ok = whole ? llama_state_mmap_load(e.ctx(), map, tokens.data(), tokens.size(), &n)
                              : llama_state_seq_mmap_load(e.ctx(), map, 1, tokens.data(), tokens.size(), &n);
        tokens.resize(ok ? n : 0);
        return ok;
    }
};

inline constexpr session_format session_formats[] = { { "context", true }, { "sequence", false } };

inline const session_format & session_format_named(const std::string & name) {
    return name == session_formats[0].name ? session_formats[0] : session_formats[1];
}
