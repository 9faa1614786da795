#include "files.h"

#include "windows_path.h"
#include "windows_security.h"
#include "windows_system.h"

#include <cerrno>
#include <stdexcept>

namespace {

std::wstring wide(const std::string & path) {
    std::wstring out;
    if (!lsm::wide_path(path, out)) {
        throw std::runtime_error("not a path: " + path);
    }
    return out;
}

// Shares the file with everybody, as Node does.
class open_file {
public:
    open_file(const std::string & path, DWORD access, DWORD disposition, SECURITY_ATTRIBUTES * attributes = nullptr)
        : handle(CreateFileW(wide(path).c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, attributes, disposition,
                             FILE_ATTRIBUTE_NORMAL, nullptr)) {
        if (handle == INVALID_HANDLE_VALUE) {
            throw std::runtime_error("cannot open " + path + ": error " + std::to_string(GetLastError()));
        }
    }
    ~open_file() { CloseHandle(handle); }

    open_file(const open_file &) = delete;
    open_file & operator=(const open_file &) = delete;

    FILE_STANDARD_INFO info() const {
        FILE_STANDARD_INFO out = {};
        GetFileInformationByHandleEx(handle, FileStandardInfo, &out, sizeof(out));
        return out;
    }

    const HANDLE handle;
};

void remove_all(const std::wstring & folder) {
    WIN32_FIND_DATAW entry;
    const HANDLE search = FindFirstFileW((folder + L"\\*").c_str(), &entry);
    if (search != INVALID_HANDLE_VALUE) {
        do {
            const std::wstring name = entry.cFileName;
            const std::wstring path = folder + L"\\" + name;
            if (name == L"." || name == L"..") {
                continue;
            }
            if ((entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
                remove_all(path);
            } else {
                SetFileAttributesW(path.c_str(), FILE_ATTRIBUTE_NORMAL);
                DeleteFileW(path.c_str());
            }
        } while (FindNextFileW(search, &entry));
        FindClose(search);
    }
    RemoveDirectoryW(folder.c_str());
}

// What NtQuerySystemInformation(SystemExtendedHandleInformation) gives; declared nowhere.
struct listed_handle {
    void *    object;
    ULONG_PTR process_id;
    ULONG_PTR value;
    ULONG     access;
    USHORT    trace_index;
    USHORT    type_index;
    ULONG     attributes;
    ULONG     reserved;
};

struct handle_list {
    ULONG_PTR     n_handles;
    ULONG_PTR     reserved;
    listed_handle handles[1];
};

int count_listed_handles() {
    using query_function = LONG(WINAPI *)(ULONG what, void * out, ULONG size, ULONG * n_out);
    constexpr ULONG extended_handles = 64;
    const auto query = (query_function) (void *) GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtQuerySystemInformation");
    std::vector<uint64_t> buffer(1 << 17);
    if (!query || query(extended_handles, buffer.data(), (ULONG) (buffer.size() * sizeof(uint64_t)), nullptr) != 0) {
        throw std::runtime_error("cannot count handles");
    }
    const auto & list = *reinterpret_cast<const handle_list *>(buffer.data());
    int n = 0;
    for (ULONG_PTR i = 0; i < list.n_handles; ++i) {
        n += list.handles[i].process_id == GetCurrentProcessId();
    }
    return n;
}

} // namespace

temp_dir::temp_dir() {
    wchar_t base[MAX_PATH + 1];
    const DWORD n = GetTempPathW(MAX_PATH + 1, base);
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    folder = lsm::utf8_of(std::wstring(base, n)) + "warmfork-test-" + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(now.QuadPart);
    make_folder(folder);
}

temp_dir::~temp_dir() {
    remove_all(wide(folder)); // a leftover temporary folder fails no test
}

bytes read_file(const std::string & path) {
    const open_file file(path, GENERIC_READ, OPEN_EXISTING);
    bytes content((size_t) file.info().EndOfFile.QuadPart);
    DWORD n = 0;
    if (!ReadFile(file.handle, content.data(), (DWORD) content.size(), &n, nullptr) || n != content.size()) {
        throw std::runtime_error("cannot read " + path);
    }
    return content;
}

void write_file(const std::string & path, const bytes & content) {
    DeleteFileW(wide(path).c_str());
    lsm::private_attributes attributes;
    const open_file file(path, GENERIC_WRITE, CREATE_NEW, attributes.get());
    DWORD n = 0;
    if (!WriteFile(file.handle, content.data(), (DWORD) content.size(), &n, nullptr) || n != content.size()) {
        throw std::runtime_error("cannot write " + path);
    }
}

bool file_exists(const std::string & path) {
    return GetFileAttributesW(wide(path).c_str()) != INVALID_FILE_ATTRIBUTES;
}

size_t file_size(const std::string & path) {
    return (size_t) open_file(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING).info().EndOfFile.QuadPart;
}

void make_folder(const std::string & path) {
    if (!CreateDirectoryW(wide(path).c_str(), nullptr)) {
        throw std::runtime_error("cannot make the folder " + path + ": error " + std::to_string(GetLastError()));
    }
}

// An open file can be moved away, but not every Windows replaces one.
int replace_file(const std::string & from, const std::string & to) {
    static int n_replaced = 0;
    const std::wstring aside = wide(to) + L".replaced-" + std::to_wstring(n_replaced++);
    return MoveFileExW(wide(to).c_str(), aside.c_str(), 0) && MoveFileExW(wide(from).c_str(), wide(to).c_str(), 0) ? 0 : EACCES;
}

bool cut_file(const std::string & path, size_t size) {
    const open_file file(path, GENERIC_WRITE, OPEN_EXISTING);
    FILE_END_OF_FILE_INFO end;
    end.EndOfFile.QuadPart = (LONGLONG) size;
    return SetFileInformationByHandle(file.handle, FileEndOfFileInfo, &end, sizeof(end));
}

size_t bytes_on_disk(const std::string & path) {
    return (size_t) open_file(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING).info().AllocationSize.QuadPart;
}

size_t page_size() {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

int n_open_handles() {
    DWORD n = 0;
    // Wine answers 0, but can list the handles of all processes
    return GetProcessHandleCount(GetCurrentProcess(), &n) && n > 0 ? (int) n : count_listed_handles();
}
