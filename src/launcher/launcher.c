// Starts a program with the loader and the C library that its package brings, in place of a shell script.
//
// Lambda starts this file as `bootstrap`. It has no C library of its own: the runtime's would have to be loaded first,
// and which one that is must not matter. Three system calls do the work: where am I (readlink), start the loader
// (execve), and a message when that failed (write). lambdapack writes the names into `settings` when it packs.
//
// The loader is told the library folder on its command line. LD_LIBRARY_PATH stays as Lambda set it, so that programs
// which the function itself starts find the runtime's libraries and not these.
#if defined(__x86_64__)
enum { SYS_WRITE = 1, SYS_EXECVE = 59, SYS_EXIT = 231 };
#elif defined(__aarch64__)
enum { SYS_WRITE = 64, SYS_EXECVE = 221, SYS_EXIT = 94 };
#else
#error "Lambda has x86_64 and arm64"
#endif

enum { NAME_SIZE = 256, PATH_SIZE = 4096 };

// Found by its mark and filled in by src/plan/launcher.cpp; both must agree on the layout. Volatile: the compiler must
// not know that the names are empty here.
struct Settings {
  char mark[32];
  char loader[NAME_SIZE];   // relative to the folder of this program: "lib/ld-linux-x86-64.so.2"
  char library[NAME_SIZE];  // "lib"
  char program[NAME_SIZE];  // "bin/function"
  char argv0[8];            // "1": the loader knows --argv0
};
static const volatile struct Settings settings = {.mark = "lambdapack launcher settings v1"};

static long system_call(long number, long a, long b, long c) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#endif
}

// arm64 has no readlink, only readlinkat with a fourth argument.
static long read_link(const char* path, char* buffer, long size) {
#if defined(__x86_64__)
  return system_call(89, (long)path, (long)buffer, size);
#else
  register long x8 __asm__("x8") = 78;
  register long x0 __asm__("x0") = -100;  // AT_FDCWD
  register const char* x1 __asm__("x1") = path;
  register char* x2 __asm__("x2") = buffer;
  register long x3 __asm__("x3") = size;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#endif
}

// The folder of this program, with a "/" at its end; Lambda's own when /proc does not say.
static long own_folder(char* path) {
  long length = read_link("/proc/self/exe", path, PATH_SIZE - NAME_SIZE - 1);
  while (length > 0 && path[length - 1] != '/') --length;
  if (length > 0) return length;
  const char* task = "/var/task/";
  for (length = 0; task[length] != 0; ++length) path[length] = task[length];
  return length;
}

static char* in_folder(char* path, long folder, const volatile char* name) {
  for (long i = 0; i < NAME_SIZE; ++i) {
    path[folder + i] = name[i];
    if (name[i] == 0) break;
  }
  return path;
}

static void complain(const char* text) {
  long length = 0;
  while (text[length] != 0) ++length;
  system_call(SYS_WRITE, 2, (long)text, length);
}

__attribute__((used, noreturn)) void launch(long* stack) {
  static char loader[PATH_SIZE], library[PATH_SIZE], program[PATH_SIZE];
  const long argc = stack[0];
  char** argv = (char**)(stack + 1);
  char** environment = argv + argc + 1;

  char* arguments[argc + 8];
  long count = 0;
  arguments[count++] = in_folder(loader, own_folder(loader), settings.loader);
  arguments[count++] = (char*)"--library-path";
  arguments[count++] = in_folder(library, own_folder(library), settings.library);
  if (settings.argv0[0] != 0 && argc > 0) {
    arguments[count++] = (char*)"--argv0";
    arguments[count++] = argv[0];
  }
  arguments[count++] = in_folder(program, own_folder(program), settings.program);
  for (long i = 1; i < argc; ++i) arguments[count++] = argv[i];
  arguments[count] = 0;

  system_call(SYS_EXECVE, (long)loader, (long)arguments, (long)environment);
  complain("bootstrap: the package's loader cannot be started: ");
  complain(loader);
  complain("\n");
  for (;;) system_call(SYS_EXIT, 127, 0, 0);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call launch\n");
#else
__asm__(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl launch\n");
#endif
