// Mapped files on Windows: rights, what is not a regular file, share modes, deleting and renaming, ways to make room.

#include "fault.h"
#include "harness.h"
#include "support/mapped.h"
#include "windows_path.h"
#include "windows_system.h"

#include <aclapi.h>
#include <sddl.h>

#include <cstring>
#include <set>

namespace {

constexpr DWORD share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

constexpr map_mode all_modes[] = { map_mode::read_only, map_mode::copy_on_write, map_mode::read_write };

std::wstring wide(const std::string & path) {
    std::wstring out;
    REQUIRE(lsm::wide_path(path, out));
    return out;
}

// Gives the file an access list in Windows' text form.
void set_rights(const std::string & path, const wchar_t * text) {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    REQUIRE(ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &descriptor, nullptr));
    REQUIRE(SetFileSecurityW(wide(path).c_str(), DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

std::wstring own_rights() {
    HANDLE token = nullptr;
    REQUIRE(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    alignas(TOKEN_USER) char user[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    DWORD n = sizeof(user);
    REQUIRE(GetTokenInformation(token, TokenUser, user, n, &n));
    CloseHandle(token);
    wchar_t * text = nullptr;
    REQUIRE(ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER *>(user)->User.Sid, &text));
    const std::wstring rights = std::wstring(L"(A;;FA;;;") + text + L")";
    LocalFree(text);
    return rights;
}

// Closes at the end.
class raw_file {
public:
    raw_file(const std::string & path, DWORD access, DWORD share)
        : handle(CreateFileW(wide(path).c_str(), access, share, nullptr, OPEN_EXISTING, 0, nullptr)) {}
    ~raw_file() {
        if (is_open()) {
            CloseHandle(handle);
        }
    }

    raw_file(const raw_file &) = delete;
    raw_file & operator=(const raw_file &) = delete;

    bool is_open() const { return handle != INVALID_HANDLE_VALUE; }

    const HANDLE handle;
};

void write_content(mapped_file & file, const bytes & content) {
    memcpy(file.data(), content.data(), content.size());
    CHECK(file.flush(0, content.size()));
}

using ways = std::set<std::string>;

// While it lives, these steps say that the system cannot do them.
class missing_ways {
public:
    explicit missing_ways(const ways & list) {
        missing = list;
        asked.clear();
        lsm::fault = [](const char * step) -> int {
            if (missing.count(step) == 0) {
                return 0;
            }
            asked.insert(step);
            return ENOSYS;
        };
    }
    ~missing_ways() { lsm::fault = nullptr; }

    missing_ways(const missing_ways &) = delete;
    missing_ways & operator=(const missing_ways &) = delete;

    size_t n_asked() const { return asked.size(); }

private:
    static inline ways missing;
    static inline ways asked;
};

// Also writes into all of it.
bool has_copy_on_write_with_room(const std::string & path, const bytes & content, size_t room) {
    const auto file = open_mapped(path, map_mode::copy_on_write, room);
    REQUIRE(file != nullptr);
    const bool right = file->size() == room && starts_with(file->data(), content) && is_zero(file->data() + content.size(), file->data() + room);
    memset(file->data(), 0xAA, room);
    return right && file->data()[room - 1] == 0xAA && read_file(path) == content && !file->is_snapshot();
}

} // namespace

TEST("a new file is for its user only, whatever its folder would hand down") {
    const temp_dir dir;
    set_rights(dir.path("."), (L"D:(A;OICI;FA;;;WD)" + own_rights()).c_str());
    { CHECK(open_mapped(dir.path("f"), map_mode::read_write, 100) != nullptr); }
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_OK);
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    ACL * list = nullptr;
    REQUIRE(GetNamedSecurityInfoW(wide(dir.path("f")).data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr, &list, nullptr, &descriptor) == 0);
    CHECK(list != nullptr && list->AceCount > 0);
    for (DWORD i = 0; list && i < list->AceCount; ++i) {
        void * entry = nullptr;
        REQUIRE(GetAce(list, i, &entry));
        CHECK(!IsWellKnownSid(&((ACCESS_ALLOWED_ACE *) entry)->SidStart, WinWorldSid));
    }
    LocalFree(descriptor);
}

TEST("a file on which others have rights is wrong_mode; rights of the system and of administrators do not count") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(100));
    const std::wstring own = L"D:P" + own_rights();
    for (const map_mode mode : all_modes) {
        for (const wchar_t * others : { L"(A;;FA;;;WD)", L"(A;;FR;;;WD)", L"(A;;FW;;;WD)" }) {
            set_rights(dir.path("f"), (own + others).c_str());
            CHECK_BECAUSE(error_of(dir.path("f"), mode) == LLAMA_STATE_MMAP_WRONG_MODE, lsm::report_message());
        }
        set_rights(dir.path("f"), (own + L"(A;;FA;;;SY)(A;;FA;;;BA)").c_str());
        CHECK_BECAUSE(error_of(dir.path("f"), mode) == LLAMA_STATE_MMAP_OK, lsm::report_message());
        write_file(dir.path("f"), pattern(100));
    }
}

TEST("refused paths, each with its own error: missing, folder, device, pipe, not UTF-8, read-only") {
    const temp_dir dir;
    make_folder(dir.path("folder"));
    write_file(dir.path("protected"), pattern(10));
    REQUIRE(SetFileAttributesW(wide(dir.path("protected")).c_str(), FILE_ATTRIBUTE_READONLY));
    const char pipe_name[] = "\\\\.\\pipe\\warmfork-test";
    const HANDLE pipe = CreateNamedPipeA(pipe_name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES, 0, 0, 0, nullptr);
    REQUIRE(pipe != INVALID_HANDLE_VALUE);
    for (const map_mode mode : all_modes) {
        CHECK_EQUAL(error_of(dir.path("missing/f"), mode), LLAMA_STATE_MMAP_NOT_FOUND);
        CHECK_EQUAL(error_of(dir.path("a<b"), mode == map_mode::read_write ? map_mode::read_only : mode), LLAMA_STATE_MMAP_NOT_FOUND);
        CHECK_BECAUSE(error_of(dir.path("folder"), mode) == LLAMA_STATE_MMAP_NOT_REGULAR, lsm::report_message());
        CHECK_EQUAL(error_of("\xFF\xFE", mode), LLAMA_STATE_MMAP_BAD_ARGUMENT);
        if (mode != map_mode::read_write) {
            CHECK_BECAUSE(error_of("NUL", mode) == LLAMA_STATE_MMAP_NOT_REGULAR, lsm::report_message());
        }
    }
    CHECK_EQUAL(error_of(pipe_name, map_mode::read_only), LLAMA_STATE_MMAP_NOT_REGULAR); // takes only one client
    CloseHandle(pipe);
    CHECK_EQUAL(error_of(dir.path("protected"), map_mode::read_only), LLAMA_STATE_MMAP_OK);
    if (!raw_file(dir.path("protected"), GENERIC_WRITE, share_all).is_open()) { // root under Wine may
        CHECK_EQUAL(error_of(dir.path("protected"), map_mode::read_write), LLAMA_STATE_MMAP_WRONG_MODE);
    }
    CHECK(read_file(dir.path("protected")) == pattern(10));
}

// Windows lets only administrators and developers make links, and Wine makes none: then there is nothing to refuse.
TEST("a link is not followed") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(10));
    constexpr DWORD for_developers = 2;
    CreateSymbolicLinkW(wide(dir.path("link")).c_str(), wide(dir.path("f")).c_str(), for_developers);
    const DWORD attributes = GetFileAttributesW(wide(dir.path("link")).c_str());
    const bool is_link = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    CHECK_EQUAL(error_of(dir.path("link"), map_mode::read_only), is_link ? LLAMA_STATE_MMAP_NOT_REGULAR : LLAMA_STATE_MMAP_NOT_FOUND);
}

TEST("one file has many spellings and one lock") {
    const temp_dir dir;
    const auto writer = open_mapped(dir.path("Session"), map_mode::read_write, 5000);
    REQUIRE(writer != nullptr);
    for (const char * name : { "Session", "session", "./Session", "folder/../SESSION", "Session." }) {
        CHECK_BECAUSE(error_of(dir.path(name), map_mode::read_write) == LLAMA_STATE_MMAP_LOCKED, std::string(name) + ": " + lsm::report_message());
    }
    std::string backwards = dir.path("Session");
    std::replace(backwards.begin(), backwards.end(), '/', '\\');
    CHECK_EQUAL(error_of(backwards, map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
    CHECK_EQUAL(error_of("\\\\?\\" + backwards, map_mode::read_write), LLAMA_STATE_MMAP_LOCKED);
}

TEST("others may read and write beside a writer and its lock; who shares with nobody is locked out or locks out") {
    const temp_dir dir;
    const bytes content = pattern(300);
    {
        const auto writer = open_mapped(dir.path("f"), map_mode::read_write, 5000);
        REQUIRE(writer != nullptr);
        write_content(*writer, content);
        const raw_file reader(dir.path("f"), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
        REQUIRE(reader.is_open());
        bytes all(5000);
        DWORD n = 0;
        CHECK(ReadFile(reader.handle, all.data(), 5000, &n, nullptr) && n == 5000); // also what is behind the content
        CHECK(starts_with(all.data(), content));
        CHECK(!raw_file(dir.path("f"), GENERIC_READ, 0).is_open());
    }
    const raw_file only(dir.path("f"), GENERIC_READ, 0);
    REQUIRE(only.is_open());
    for (const map_mode mode : all_modes) {
        CHECK_EQUAL(error_of(dir.path("f"), mode), LLAMA_STATE_MMAP_LOCKED);
    }
}

TEST("a mapped file can be renamed, and a new one published under the old name; the map keeps the old content") {
    const temp_dir dir;
    for (const map_mode mode : { map_mode::read_only, map_mode::copy_on_write }) {
        write_file(dir.path("f"), pattern(200000));
        const auto reader = open_mapped(dir.path("f"), mode, 300000);
        REQUIRE(reader != nullptr);
        write_file(dir.path("new"), bytes(200000, 1));
        CHECK_EQUAL(replace_file(dir.path("new"), dir.path("f")), 0);
        CHECK(starts_with(reader->data(), pattern(200000)));
        const auto next = open_mapped(dir.path("f"), map_mode::read_only, 0);
        REQUIRE(next != nullptr);
        CHECK(starts_with(next->data(), bytes(200000, 1)));
    }
}

TEST("deleting a mapped file either fails or leaves the map alone; afterwards the name is free") {
    const temp_dir dir;
    write_file(dir.path("f"), pattern(5000));
    {
        const auto reader = open_mapped(dir.path("f"), map_mode::read_only, 0);
        REQUIRE(reader != nullptr);
        DeleteFileW(wide(dir.path("f")).c_str());
        CHECK(starts_with(reader->data(), pattern(5000)));
    }
    DeleteFileW(wide(dir.path("f")).c_str());
    CHECK(!file_exists(dir.path("f")));
    CHECK_EQUAL(error_of(dir.path("f"), map_mode::read_write), LLAMA_STATE_MMAP_OK);
}

TEST("a foreign map of the file: trimming is locked, the content stays") {
    const temp_dir dir;
    const bytes content = pattern(300);
    auto writer = open_mapped(dir.path("f"), map_mode::read_write, 100000);
    REQUIRE(writer != nullptr);
    write_content(*writer, content);
    const raw_file other(dir.path("f"), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
    const HANDLE section = CreateFileMappingW(other.handle, nullptr, PAGE_READONLY, 0, 0, nullptr);
    void * view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    REQUIRE(view != nullptr);
    CHECK(!writer->finish(content.size()));
    CHECK_EQUAL(lsm::report_code(), LLAMA_STATE_MMAP_LOCKED);
    writer.reset();
    CHECK_EQUAL(file_size(dir.path("f")), 100000u);
    UnmapViewOfFile(view);
    CloseHandle(section);
    writer = open_mapped(dir.path("f"), map_mode::read_write, 100000);
    REQUIRE(writer != nullptr);
    CHECK(starts_with(writer->data(), content));
    CHECK(writer->finish(content.size()));
    CHECK(read_file(dir.path("f")) == content);
}

TEST("copy-on-write with room: by placeholders, by addresses, and by a copy, which all look the same") {
    const temp_dir dir;
    constexpr size_t unit = 1 << 16;
    for (const ways & missing : { ways {}, ways { "placeholder" }, ways { "placeholder", "address" } }) {
        for (const size_t n : { (size_t) 1, unit - 1, unit, unit + 1, 3 * unit + 5000, 4 * unit }) {
            write_file(dir.path("f"), pattern(n));
            missing_ways without(missing);
            CHECK_BECAUSE(has_copy_on_write_with_room(dir.path("f"), pattern(n), 8 * unit + 13), std::to_string(n));
            CHECK_EQUAL(without.n_asked(), n >= unit ? missing.size() : 0);
            CHECK_BECAUSE(has_copy_on_write_with_room(dir.path("f"), pattern(n), n), std::to_string(n));
        }
    }
}

TEST("copy-on-write with room maps the file, except for its last bytes") {
    const temp_dir dir;
    constexpr size_t unit = 1 << 16;
    write_file(dir.path("f"), pattern(3 * unit + 5000));
    llama_state_mmap_counters before, after;
    llama_state_mmap_counters_get(&before);
    const auto file = open_mapped(dir.path("f"), map_mode::copy_on_write, 8 * unit);
    REQUIRE(file != nullptr);
    llama_state_mmap_counters_get(&after);
    CHECK_EQUAL(after.bytes_mapped - before.bytes_mapped, 3 * unit);
    CHECK_EQUAL(after.bytes_copied - before.bytes_copied, 5000u);
}

TEST("more room than the disk has is no_space from open, and leaves nothing behind") {
    const temp_dir dir;
    constexpr size_t too_much = (size_t) 1 << 60;
    CHECK_EQUAL(error_of(dir.path("new"), map_mode::read_write, too_much), LLAMA_STATE_MMAP_NO_SPACE);
    CHECK(!file_exists(dir.path("new")));
    write_file(dir.path("old"), pattern(1000));
    CHECK_EQUAL(error_of(dir.path("old"), map_mode::read_write, too_much), LLAMA_STATE_MMAP_NO_SPACE);
    CHECK(read_file(dir.path("old")) == pattern(1000));
}

int main() {
    return harness::run_tests();
}
