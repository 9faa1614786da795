// Windows: the addon imports Node's functions from "node.exe"; the host may have another name (Code.exe). This hook
// answers the delayed import with the program itself.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <delayimp.h>

#include <cstring>

static FARPROC WINAPI load_host(unsigned int event, DelayLoadInfo * info) {
    if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) {
        return nullptr;
    }
    return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
}

// Microsoft's header declares it const, MinGW's does not.
#ifdef __MINGW32__
extern "C" PfnDliHook __pfnDliNotifyHook2 = load_host;
#else
extern "C" const PfnDliHook __pfnDliNotifyHook2 = load_host;
#endif
