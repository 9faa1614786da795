#include "image_meta.h"

#include "byte_reader.h"
#include "report.h"
#include "xxh64.h"

#include <cstring>

namespace lsm {

namespace {

constexpr uint32_t magic        = 0x564b4657; // "WFKV"
constexpr size_t   prefix_size  = 4 + 4 + 8 + 8;
constexpr uint64_t buffer_align = 32; // of tensors in a CPU buffer

class writer {
public:
    template <typename T>
    void put(T value) {
        const auto * from = reinterpret_cast<const uint8_t *>(&value);
        bytes.insert(bytes.end(), from, from + sizeof(T));
    }

    template <typename Size, typename Container>
    void put_all(const Container & values) {
        put((Size) values.size());
        const auto * from = reinterpret_cast<const uint8_t *>(values.data());
        bytes.insert(bytes.end(), from, from + values.size() * sizeof(*values.data()));
    }

    void put_tensors(const std::vector<kv_tensor> & tensors) {
        put((uint32_t) tensors.size());
        for (const kv_tensor & tensor : tensors) {
            put(tensor.type);
            put(tensor.row_size);
        }
    }

    std::vector<uint8_t> bytes;
};

template <typename Size, typename Container>
bool get_all(byte_reader & in, Container & out) {
    using value = typename Container::value_type;
    Size n;
    if (!in.read(n) || n > in.left() / sizeof(value)) {
        return false;
    }
    const auto * from = in.here();
    out.resize((size_t) n);
    if (n > 0) {
        memcpy(&out[0], from, (size_t) n * sizeof(value));
    }
    return in.skip((uint64_t) n * sizeof(value));
}

bool get_tensors(byte_reader & in, std::vector<kv_tensor> & out) {
    uint32_t n;
    if (!in.read(n) || n > in.left() / (sizeof(int32_t) + sizeof(uint64_t))) {
        return false;
    }
    out.resize(n);
    for (kv_tensor & tensor : out) {
        if (!in.read(tensor.type) || !in.read(tensor.row_size)) {
            return false;
        }
    }
    return true;
}

bool decode_body(byte_reader & in, image_meta & out) {
    out.layout.n_stream = 1;
    out.layout.sections.resize(1);
    kv_section & section = out.layout.sections[0];
    uint8_t has_ext;
    if (!get_all<uint32_t>(in, out.identity) || !in.read(out.n_ctx) || !in.read(out.image_size) || !in.read(out.image_checksum)
        || !get_all<uint32_t>(in, out.tokens) || !get_all<uint32_t>(in, out.layout.arch) || !in.read(has_ext)
        || !get_tensors(in, section.k) || !get_tensors(in, section.v) || !get_all<uint64_t>(in, out.head)) {
        return false;
    }
    section.has_ext = has_ext != 0;
    return in.left() == 0;
}

bool add_tensor(uint64_t row_size, uint32_t n_ctx, uint64_t & total) {
    if (row_size == 0 || n_ctx == 0 || row_size > UINT64_MAX / 4 / n_ctx) {
        return false;
    }
    const uint64_t size = (row_size * n_ctx + buffer_align - 1) / buffer_align * buffer_align;
    if (size > SIZE_MAX / 4 - total) {
        return false;
    }
    total += size;
    return true;
}

} // namespace

size_t image_size_of(const state_layout & layout, uint32_t n_ctx) {
    if (layout.sections.size() != 1 || layout.n_stream != 1 || layout.sections[0].v_trans) {
        return 0;
    }
    uint64_t total = 0;
    for (const auto * tensors : { &layout.sections[0].k, &layout.sections[0].v }) {
        for (const kv_tensor & tensor : *tensors) {
            if (!add_tensor(tensor.row_size, n_ctx, total)) {
                return 0;
            }
        }
    }
    return (size_t) total;
}

std::vector<uint8_t> encode(const image_meta & meta) {
    writer body;
    body.put_all<uint32_t>(meta.identity);
    body.put(meta.n_ctx);
    body.put(meta.image_size);
    body.put(meta.image_checksum);
    body.put_all<uint32_t>(meta.tokens);
    body.put_all<uint32_t>(meta.layout.arch);
    body.put((uint8_t) (meta.layout.sections[0].has_ext ? 1 : 0));
    body.put_tensors(meta.layout.sections[0].k);
    body.put_tensors(meta.layout.sections[0].v);
    body.put_all<uint64_t>(meta.head);

    writer whole;
    whole.put(magic);
    whole.put(image_meta_version);
    whole.put((uint64_t) body.bytes.size());
    whole.put(xxh64(body.bytes.data(), body.bytes.size(), 0));
    whole.bytes.insert(whole.bytes.end(), body.bytes.begin(), body.bytes.end());
    return std::move(whole.bytes);
}

std::optional<image_meta> decode_image_meta(const std::vector<uint8_t> & bytes) {
    const auto refused = [](llama_state_mmap_error code, const char * why) -> std::optional<image_meta> {
        fail(code, "the image's metadata %s", why);
        return std::nullopt;
    };
    byte_reader in(bytes.data(), bytes.size());
    uint32_t got_magic, version;
    uint64_t size, checksum;
    if (!in.read(got_magic) || !in.read(version) || !in.read(size) || !in.read(checksum)) {
        return refused(LLAMA_STATE_MMAP_BAD_SIZE, "is too short");
    }
    if (got_magic != magic) {
        return refused(LLAMA_STATE_MMAP_BAD_MAGIC, "is of another kind");
    }
    if (version != image_meta_version) {
        return refused(LLAMA_STATE_MMAP_BAD_VERSION, "is of another version");
    }
    if (size != in.left()) {
        return refused(LLAMA_STATE_MMAP_BAD_SIZE, "has another length than it says");
    }
    if (xxh64(bytes.data() + prefix_size, bytes.size() - prefix_size, 0) != checksum) {
        return refused(LLAMA_STATE_MMAP_BAD_PAYLOAD, "has another checksum than it says");
    }
    image_meta meta;
    if (!decode_body(in, meta)) {
        return refused(LLAMA_STATE_MMAP_BAD_PAYLOAD, "contradicts itself");
    }
    const size_t size_of = image_size_of(meta.layout, meta.n_ctx);
    if (size_of == 0 || size_of != meta.image_size) {
        return refused(LLAMA_STATE_MMAP_INCOMPATIBLE, "does not fit its own layout");
    }
    return meta;
}

} // namespace lsm
