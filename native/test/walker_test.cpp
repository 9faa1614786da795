// The walker and the layout on states built by hand: every form llama.cpp writes, and every lie.

#include "harness.h"
#include "report.h"
#include "state_walker.h"
#include "support/state_forms.h"

#include <algorithm>

using namespace lsm;

namespace {

constexpr context_limits limits = { 64, 64, 4, 100 };

llama_state_mmap_error walk(const state_layout & layout, state_kind kind, const std::vector<uint8_t> & state, walked_state * out = nullptr) {
    report_clear();
    walked_state ignored;
    const bool ok = walk_state(layout, limits_of_form(layout), kind, state.data(), state.size(), out ? *out : ignored);
    return ok ? LLAMA_STATE_MMAP_OK : report_code();
}

const state_layout unified = state_forms()[0].layout;
const state_layout streams = state_forms()[2].layout;

llama_state_mmap_error walk_cells(const cell_list & cells, state_kind kind = state_kind::context) {
    return walk(unified, kind, (kind == state_kind::context ? context_state(unified, cells) : sequence_state(unified, cells)).bytes);
}

} // namespace

TEST("the layout is learned from a state with one cell, for every form") {
    for (const state_form & f : state_forms()) {
        const auto state = context_state(f.layout, cell_run(0, 1, { 3 })).bytes;
        const auto got = layout_from_reference(state.data(), state.size(), 3, limits_of_form(f.layout));
        REQUIRE_BECAUSE(got.has_value(), f.name);
        CHECK(got->arch == f.layout.arch && got->n_stream == f.layout.n_stream);
        REQUIRE(got->sections.size() == f.layout.sections.size());
        for (size_t i = 0; i < got->sections.size(); ++i) {
            CHECK_BECAUSE(got->sections[i].has_ext == f.layout.sections[i].has_ext, f.name);
            CHECK_BECAUSE(got->sections[i].v_trans == f.layout.sections[i].v_trans, f.name);
            CHECK_BECAUSE(got->sections[i].k == f.layout.sections[i].k, f.name);
            CHECK_BECAUSE(got->sections[i].v == f.layout.sections[i].v, f.name);
        }
    }
}

TEST("a reference of another form, or cut anywhere, is not understood") {
    for (const state_form & f : state_forms()) {
        auto state = context_state(f.layout, cell_run(0, 1, { 3 })).bytes;
        for (size_t n = 0; n < state.size(); ++n) {
            const bool is_whole_section = f.layout.sections.size() == 2 && n == context_state({ f.layout.arch, f.layout.n_stream, { f.layout.sections[0] } }, cell_run(0, 1, { 3 })).bytes.size();
            // what is left of a transposed or V-less state must not pass for another form
            const auto got = layout_from_reference(state.data(), n, 3, limits_of_form(f.layout));
            const bool is_keys_only = got && got->sections.back().v.empty();
            CHECK_BECAUSE(!got || is_whole_section || is_keys_only, f.name + std::to_string(n));
        }
        state.push_back(0);
        CHECK_BECAUSE(!layout_from_reference(state.data(), state.size(), 3, limits_of_form(f.layout)), f.name);
        CHECK_BECAUSE(!layout_from_reference(state.data(), state.size() - 1, 2, limits_of_form(f.layout)), f.name);
    }
    const std::vector<uint8_t> recurrent = state_builder().arch("mamba").put(1u).put(0).put(1u).put(3).zeros(400).bytes;
    CHECK(!layout_from_reference(recurrent.data(), recurrent.size(), 3, limits));
}

TEST("a right state passes, its exact length is found, and bytes behind it do not matter") {
    for (const state_form & f : state_forms()) {
        for (const size_t n : { 0, 1, 5, 64 }) {
            for (const state_kind kind : { state_kind::context, state_kind::sequence }) {
                state_builder b = kind == state_kind::context ? context_state(f.layout, cell_run(7, n, { 3 })) : sequence_state(f.layout, cell_run(7, n, { 3 }));
                const size_t size = b.bytes.size();
                walked_state got;
                b.zeros(100);
                CHECK_BECAUSE(walk(f.layout, kind, b.bytes, &got) == LLAMA_STATE_MMAP_OK, f.name + std::string(": ") + report_message());
                CHECK_EQUAL(got.size, size);
                CHECK_EQUAL(got.n_cells, n);
            }
        }
    }
}

TEST("a state cut at any byte is refused") {
    for (const state_form & f : state_forms()) {
        for (const state_kind kind : { state_kind::context, state_kind::sequence }) {
            const auto state = (kind == state_kind::context ? context_state(f.layout, cell_run(0, 3, { 3 })) : sequence_state(f.layout, cell_run(0, 3, { 3 }))).bytes;
            for (size_t n = 0; n < state.size(); ++n) {
                const std::vector<uint8_t> cut(state.begin(), state.begin() + (long) n); // exact size: sanitizers see a byte too many
                CHECK_BECAUSE(walk(f.layout, kind, cut) == LLAMA_STATE_MMAP_BAD_SIZE, f.name + std::to_string(n));
            }
        }
    }
}

TEST("a full context has exactly the largest size, and a full sequence too") {
    for (const state_form & f : state_forms()) {
        const context_limits l = limits_of_form(f.layout);
        const bool is_unified = f.layout.n_stream == 1;
        state_builder b;
        b.arch(f.layout.arch);
        for (const kv_section & section : f.layout.sections) {
            b.put(f.layout.n_stream);
            for (llama_seq_id s = 0; s < (llama_seq_id) f.layout.n_stream; ++s) {
                b.stream(section, is_unified ? cell_run(0, 64, { 0, 1, 2, 3 }) : cell_run(0, 64, { s }));
            }
        }
        CHECK_BECAUSE(walk(f.layout, state_kind::context, b.bytes) == LLAMA_STATE_MMAP_OK, report_message());
        CHECK_EQUAL(layout_size_max(f.layout, l), header_size + 4 * l.n_ctx + b.bytes.size());
        const auto sequence = sequence_state(f.layout, cell_run(0, 64, { 3 })).bytes;
        CHECK_EQUAL(layout_seq_size_max(f.layout, 64, l.n_ctx), header_size + 4 * l.n_ctx + sequence.size());
    }
}

TEST("cells that no context can hold are refused: counts, ids, positions") {
    CHECK_EQUAL(walk_cells(cell_run(0, 65, { 0 })), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, {} } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, { 4 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, { -1 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, { 1, 1 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, { 2, 1 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, { 0, 1, 2, 3, 3 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { -1, { 0 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { INT32_MIN, { 0 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { INT32_MAX, { 0 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 3, { 0 } }, { 5, { 0 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 3, { 0 } }, { 3, { 0 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 3, { 0 } }, { 5, { 0 } }, { 3, { 0 } } }), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    // the same positions in different sequences, in any order, are what forks look like
    CHECK_EQUAL(walk_cells({ { 4, { 0, 2 } }, { 3, { 0, 2 } }, { 5, { 2 } }, { 5, { 0 } } }), LLAMA_STATE_MMAP_OK);
    CHECK_EQUAL(walk_cells({ { 0, { 0 } }, { 1, { 1 } } }, state_kind::sequence), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk_cells({ { 0, { 0, 1 } } }, state_kind::sequence), LLAMA_STATE_MMAP_BAD_PAYLOAD);
}

TEST("with streams a cell belongs to the sequence of its stream, and a sequence to one stream") {
    const kv_section & section = streams.sections[0];
    const auto two = [&](llama_seq_id second) {
        state_builder b;
        return b.put(4u).stream(section, cell_run(0, 2, { 0 })).stream(section, {}).stream(section, cell_run(0, 2, { second })).stream(section, {}).bytes;
    };
    const auto context = [&](std::vector<uint8_t> sections) {
        std::vector<uint8_t> state = state_builder().arch(streams.arch).bytes;
        state.insert(state.end(), sections.begin(), sections.end());
        return state;
    };
    CHECK_EQUAL(walk(streams, state_kind::context, context(two(2))), LLAMA_STATE_MMAP_OK);
    CHECK_EQUAL(walk(streams, state_kind::context, context(two(1))), LLAMA_STATE_MMAP_BAD_PAYLOAD);
    CHECK_EQUAL(walk(streams, state_kind::sequence, two(2)), LLAMA_STATE_MMAP_BAD_PAYLOAD);
}

TEST("counts chosen to overflow or to allocate are refused at once") {
    for (const uint32_t n : { 65u, 0x10000u, 0x40000000u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu }) {
        state_builder cells;
        cells.arch("llama").put(1u).put(n).zeros(4096);
        CHECK_EQUAL(walk(unified, state_kind::context, cells.bytes), LLAMA_STATE_MMAP_BAD_PAYLOAD);
        state_builder ids;
        ids.arch("llama").put(1u).put(1u).put(0).put(n).zeros(4096);
        CHECK_EQUAL(walk(unified, state_kind::context, ids.bytes), LLAMA_STATE_MMAP_BAD_PAYLOAD);
        state_builder name;
        name.put(n).zeros(4096);
        CHECK(walk(unified, state_kind::context, name.bytes) != LLAMA_STATE_MMAP_OK);
        state_builder n_stream;
        n_stream.arch("llama").put(n).zeros(4096);
        CHECK_EQUAL(walk(unified, state_kind::context, n_stream.bytes), LLAMA_STATE_MMAP_INCOMPATIBLE);
        state_builder layers;
        layers.arch("llama").put(1u).stream(unified.sections[0], cell_run(0, 1, { 0 }));
        const size_t at_n_layer = 4 + 5 + 4 + 4 + 12 + 4;
        memcpy(layers.bytes.data() + at_n_layer, &n, 4);
        CHECK_EQUAL(walk(unified, state_kind::context, layers.bytes), LLAMA_STATE_MMAP_INCOMPATIBLE);
    }
}

TEST("other types, row sizes, layer counts, transposition or architecture are incompatible") {
    for (const state_form & f : state_forms()) {
        const auto differs = [&](auto && change) {
            state_layout other = f.layout;
            change(other);
            return walk(f.layout, state_kind::context, context_state(other, cell_run(0, 3, { 3 })).bytes) == LLAMA_STATE_MMAP_INCOMPATIBLE;
        };
        CHECK_BECAUSE(differs([](state_layout & l) { l.arch[0] = 'x'; }), f.name);
        CHECK_BECAUSE(differs([](state_layout & l) { l.arch += 'x'; }), f.name);
        CHECK_BECAUSE(differs([](state_layout & l) { l.n_stream += 1; }), f.name);
        CHECK_BECAUSE(differs([](state_layout & l) { l.sections[0].k[0].type = 2; }), f.name);
        CHECK_BECAUSE(differs([](state_layout & l) { l.sections[0].k[0].row_size += 32; }), f.name);
        CHECK_BECAUSE(differs([](state_layout & l) { l.sections[0].k.pop_back(); }), f.name);
        CHECK_BECAUSE(differs([](state_layout & l) { l.sections[0].v_trans = !l.sections[0].v_trans; }), f.name);
        if (!f.layout.sections[0].v.empty()) {
            CHECK_BECAUSE(differs([](state_layout & l) { l.sections[0].v[0].type = 2; }), f.name);
            CHECK_BECAUSE(differs([](state_layout & l) { auto & v = l.sections[0].v[0]; v.row_size *= 2; v.size_el *= 2; }), f.name);
            CHECK_BECAUSE(differs([](state_layout & l) { auto & v = l.sections[0].v[0]; v.row_size *= 2; v.n_embd *= 2; }), f.name);
        }
    }
}

int main() {
    return harness::run_tests();
}
