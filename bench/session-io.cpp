// How long a session takes to and from its file: mapped, by llama.cpp's own file calls, and as memcpy.
//
//     session-io [FOLDER] [RUNS]
//
// The KV cells have the shape of Qwen2.5-Coder-0.5B (24 layers, 2 x 64 values of K and of V, f16: 12 KiB a token).
// Prints a Markdown table of medians.

#include "support/engine.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <sched.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr llama_seq_id session_seq = 0;
constexpr size_t chunk = 512; // tokens that are evaluated together

// Owns a context of n_ctx cells and forgets it at the end.
class context_owner {
public:
    context_owner(llama_model * model, size_t n_ctx) {
        llama_context_params params = llama_context_default_params();
        params.n_ctx           = (uint32_t) n_ctx;
        params.n_batch         = chunk;
        params.n_ubatch        = chunk;
        params.n_seq_max       = 128;
        params.n_threads       = 2;
        params.n_threads_batch = 2;
        params.kv_unified      = true;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
        ctx = llama_init_from_model(model, params);
        if (!ctx || !llama_state_mmap_calibrate(ctx)) {
            throw std::runtime_error("no context: " + last_error());
        }
    }
    ~context_owner() {
        llama_state_mmap_forget(ctx);
        llama_free(ctx);
    }
    context_owner(const context_owner &) = delete;
    context_owner & operator=(const context_owner &) = delete;

    llama_context * ctx = nullptr;
};

void require(bool condition, const char * what) {
    if (!condition) {
        throw std::runtime_error(std::string(what) + ": " + last_error());
    }
}

// Evaluates a piece in a sequence of its own, so that its attention stays short, and gives its cells to the session.
void fill_chunk(llama_context * ctx, const tokens_t & tokens, size_t first) {
    const llama_seq_id piece = 1;
    llama_batch batch = llama_batch_init(chunk, 0, 1);
    batch.n_tokens = (int32_t) std::min(chunk, tokens.size() - first);
    for (int32_t i = 0; i < batch.n_tokens; ++i) {
        batch.token[i]     = tokens[first + i];
        batch.pos[i]       = (llama_pos) first + i;
        batch.n_seq_id[i]  = 1;
        batch.seq_id[i][0] = piece;
        batch.logits[i]    = i + 1 == batch.n_tokens;
    }
    const int32_t code = llama_decode(ctx, batch);
    llama_batch_free(batch);
    require(code == 0, "llama_decode");
    llama_memory_seq_cp(llama_get_memory(ctx), piece, session_seq, -1, -1);
    llama_memory_seq_rm(llama_get_memory(ctx), piece, -1, -1);
}

void fill(llama_context * ctx, const tokens_t & tokens) {
    for (size_t first = 0; first < tokens.size(); first += chunk) {
        fill_chunk(ctx, tokens, first);
    }
}

// Drops the file's pages from the page cache; they must be on the disk already.
void drop_pages(const std::string & path) {
    const int fd = open(path.c_str(), O_RDONLY);
    require(fd >= 0 && fdatasync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0, "posix_fadvise");
    close(fd);
}

void sync_file(const std::string & path) {
    const int fd = open(path.c_str(), O_RDWR);
    require(fd >= 0 && fdatasync(fd) == 0, "fdatasync");
    close(fd);
}

// What any reader of a map has to pay: the copy, and a page fault for every few pages.
void copy_out_of_map(const std::string & path, uint8_t * out, size_t n_bytes) {
    const int fd = open(path.c_str(), O_RDONLY);
    void * at = mmap(nullptr, n_bytes, PROT_READ, MAP_SHARED, fd, 0);
    require(at != MAP_FAILED, "mmap");
    memcpy(out, at, n_bytes);
    munmap(at, n_bytes);
    close(fd);
}

// As llama.cpp has to: one layer's K or V after the other (2 × 24 of them), which for long sessions is far less than a copy whole.
void copy_in_pieces(const uint8_t * in, uint8_t * out, size_t n_bytes) {
    const size_t piece = n_bytes / 48;
    for (size_t at = 0; at + piece <= n_bytes; at += piece) {
        memcpy(out + at, in + at, piece);
    }
}

struct row {
    const char * name;
    std::function<void()> prepare; // not timed
    std::function<void()> work;
    std::vector<double> ms;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// While it lives, this thread comes before all others, if the system lets it: other programs must not be measured.
class priority_scope {
public:
    priority_scope() { set(SCHED_FIFO, sched_get_priority_min(SCHED_FIFO)); }
    ~priority_scope() { set(SCHED_OTHER, 0); }

private:
    static void set(int policy, int priority) {
        sched_param param = {};
        param.sched_priority = priority;
        sched_setscheduler(0, policy, &param);
    }
};

// All rows in turn, n_runs times, so that what else the machine does hits them alike. One more round before warms up.
void measure(std::vector<row> & rows, int n_runs) {
    const priority_scope first;
    for (int run = -1; run < n_runs; ++run) {
        for (row & one : rows) {
            one.prepare();
            const auto start = std::chrono::steady_clock::now();
            one.work();
            const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
            if (run >= 0) {
                one.ms.push_back(took.count());
            }
        }
    }
}

void print(const std::vector<row> & rows, size_t n_tokens, size_t n_bytes) {
    const double memcpy_ms = median(rows.front().ms);
    for (const row & one : rows) {
        const double ms = median(one.ms);
        const auto range = std::minmax_element(one.ms.begin(), one.ms.end());
        printf("| %zu | %.1f MiB | %s | %.2f | %.2f–%.2f | %.2f | %.2f |\n", n_tokens, (double) n_bytes / (1 << 20), one.name, ms,
               *range.first, *range.second, (double) n_bytes / ms / 1e6, memcpy_ms / ms);
    }
    fflush(stdout);
}

void measure_session(llama_model * model, const std::string & folder, size_t n_tokens, int n_runs) {
    const context_owner source(model, n_tokens);
    const context_owner target(model, n_tokens);
    llama_context * from = source.ctx;
    llama_context * to   = target.ctx;
    const tokens_t tokens = some_tokens(n_tokens, 1);
    fill(from, tokens);

    const std::string mapped = folder + "/mapped.session";
    const std::string stock  = folder + "/stock.session";
    tokens_t out(n_tokens);
    size_t n_out = 0;

    const handle writer(llama_state_seq_mmap_open_rw(from, mapped.c_str(), session_seq));
    require(writer != nullptr, "open_rw");
    const size_t n_bytes = llama_state_seq_mmap_save(from, writer.get(), session_seq, tokens.data(), n_tokens);
    require(n_bytes > 0, "save");
    const std::string reading = folder + "/reading.session"; // nobody writes this one
    require(llama_state_seq_save_file(from, reading.c_str(), session_seq, tokens.data(), n_tokens) == n_bytes, "save_file");
    require(chmod(reading.c_str(), 0600) == 0, "chmod");
    const handle private_map(llama_state_seq_mmap_open_cow(from, reading.c_str(), session_seq));
    require(private_map != nullptr, "open_cow");

    std::vector<uint8_t> a(n_bytes, 1);
    std::vector<uint8_t> b(n_bytes, 2);
    const auto nothing = [] {};
    const auto empty_target = [&] { llama_memory_seq_rm(llama_get_memory(to), session_seq, -1, -1); };
    const auto empty_and_cold = [&] { empty_target(); drop_pages(reading); };
    const auto load_mapped = [&] {
        const handle map(llama_state_seq_mmap_open(to, reading.c_str(), session_seq));
        require(map && llama_state_seq_mmap_load(to, map.get(), session_seq, out.data(), out.size(), &n_out), "load");
    };
    const auto load_file = [&] {
        require(llama_state_seq_load_file(to, reading.c_str(), session_seq, out.data(), out.size(), &n_out) > 0, "load_file");
    };
    const auto save_file = [&] {
        require(llama_state_seq_save_file(from, stock.c_str(), session_seq, tokens.data(), n_tokens) > 0, "save_file");
    };
    const auto save_to = [&](const handle & map) {
        require(llama_state_seq_mmap_save(from, map.get(), session_seq, tokens.data(), n_tokens) > 0, "save");
    };
    std::vector<row> rows = {
        { "memcpy of as many bytes", nothing, [&] { memcpy(a.data(), b.data(), n_bytes); }, {} },
        { "memcpy in pieces of one layer's K or V", nothing, [&] { copy_in_pieces(b.data(), a.data(), n_bytes); }, {} },
        { "memcpy out of a new map of the file", nothing, [&] { copy_out_of_map(reading, a.data(), n_bytes); }, {} },
        { "restore: map (open, check, load, free)", empty_target, load_mapped, {} },
        { "restore: `llama_state_seq_load_file`", empty_target, load_file, {} },
        { "restore, cold: map", empty_and_cold, load_mapped, {} },
        { "restore, cold: `llama_state_seq_load_file`", empty_and_cold, load_file, {} },
        { "checksum of a map (XXH64)", nothing, [&] { require(llama_state_mmap_checksum(private_map.get()) != 0, "checksum"); }, {} },
        { "save: copy-on-write map (memory)", nothing, [&] { save_to(private_map); }, {} },
        { "save: `llama_state_seq_save_file` (page cache)", nothing, save_file, {} },
        { "save, durable: read-write map", nothing, [&] { save_to(writer); }, {} },
        { "save, durable: `llama_state_seq_save_file` and `fdatasync`", nothing, [&] { save_file(); sync_file(stock); }, {} },
    };
    measure(rows, n_runs);
    require(n_out == n_tokens && out == tokens, "the tokens that came back");
    require(llama_state_seq_get_size(from, session_seq) == llama_state_seq_get_size(to, session_seq), "the size that came back");
    print(rows, n_tokens, n_bytes);
    for (const std::string & path : { mapped, stock, reading }) {
        unlink(path.c_str());
    }
}

} // namespace

int main(int argc, char ** argv) {
    try {
        const std::string folder = argc > 1 ? argv[1] : "/tmp";
        const int n_runs = argc > 2 ? atoi(argv[2]) : 7;
        const auto model = load_tiny_model({ 24, 256, 4, 2, 64 });
        printf("| tokens | file | what | ms | min–max | GB/s | of memcpy |\n| --: | --: | --- | --: | --: | --: | --: |\n");
        for (const size_t n_tokens : { 1024, 8192, 32768 }) {
            measure_session(model.get(), folder, n_tokens, n_runs);
        }
        return 0;
    } catch (const std::exception & error) {
        fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
