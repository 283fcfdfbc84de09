// The numbers of the ELF format that lambdapack looks at, under the names the specifications give them.
//
// Own constants instead of <elf.h>, which defines them as macros that break LLVM's headers and lacks the newer ones on
// older systems. Sources: System V gABI chapters 4 and 5, the GNU extensions in LSB Core, glibc's elf/elf.h.
#pragma once

#include <cstdint>

namespace lambdapack::elf_format {

// e_ident
inline constexpr std::uint8_t kClass32 = 1, kClass64 = 2, kLittleEndian = 1, kBigEndian = 2;
inline constexpr std::uint8_t kOsAbiSystemV = 0, kOsAbiGnu = 3;  // what glibc loads

// e_type
inline constexpr std::uint16_t kEtRel = 1, kEtExec = 2, kEtDyn = 3, kEtCore = 4;

// Counts that do not fit into 16 bits are in section header 0.
inline constexpr std::uint16_t kPnXnum = 0xffff, kShnLoReserve = 0xff00, kShnXindex = 0xffff;

// p_type, p_flags
inline constexpr std::uint32_t kPtLoad = 1, kPtDynamic = 2, kPtInterp = 3, kPtNote = 4, kPtPhdr = 6, kPtTls = 7,
                               kPtGnuEhFrame = 0x6474e550, kPtGnuStack = 0x6474e551;
inline constexpr std::uint32_t kPfExecute = 1, kPfWrite = 2;

// sh_type, sh_flags
inline constexpr std::uint32_t kShtProgbits = 1, kShtSymtab = 2, kShtStrtab = 3, kShtRela = 4, kShtNote = 7,
                               kShtNobits = 8, kShtRel = 9, kShtDynsym = 11, kShtSymtabShndx = 18,
                               kShtGnuVerneed = 0x6ffffffe;
inline constexpr std::uint64_t kShfAlloc = 2, kShfExecinstr = 4, kShfInfoLink = 0x40, kShfCompressed = 0x800;

// d_tag
inline constexpr std::uint64_t kDtNull = 0, kDtNeeded = 1, kDtHash = 4, kDtStrtab = 5, kDtSymtab = 6, kDtStrsz = 10,
                               kDtSyment = 11, kDtRela = 7, kDtRelasz = 8, kDtInit = 12, kDtFini = 13, kDtSoname = 14,
                               kDtRpath = 15, kDtPltrelsz = 2, kDtJmprel = 23, kDtBindNow = 24, kDtInitArray = 25,
                               kDtFiniArray = 26, kDtInitArraysz = 27, kDtRunpath = 29, kDtFlags = 30, kDtRelrsz = 35,
                               kDtRelr = 36, kDtGnuHash = 0x6ffffef5, kDtVersym = 0x6ffffff0, kDtFlags1 = 0x6ffffffb,
                               kDtVerdef = 0x6ffffffc, kDtVerdefnum = 0x6ffffffd, kDtVerneed = 0x6ffffffe,
                               kDtVerneednum = 0x6fffffff, kDtAuxiliary = 0x7ffffffd, kDtFilter = 0x7fffffff;
inline constexpr std::uint64_t kDfBindNow = 8, kDf1Now = 1, kDf1Nodeflib = 0x800, kDf1Pie = 0x08000000;

inline constexpr std::string_view kCrateSection = ".dep-v0";  // cargo auditable's: found by its name

// Symbols and versions
inline constexpr std::uint8_t kSttFunc = 2, kSttGnuIfunc = 10;
inline constexpr std::uint32_t kX86Relative = 8, kX86Irelative = 37, kAArch64Relative = 1027, kAArch64Irelative = 1032;
inline constexpr std::uint8_t kStbLocal = 0, kStbWeak = 2, kStvInternal = 1, kStvHidden = 2;
inline constexpr std::uint16_t kVerFlgBase = 1, kVerFlgWeak = 2, kVersymHidden = 0x8000;

// Notes
inline constexpr std::uint32_t kNtGnuBuildId = 3, kNtGnuProperty = 5, kNtDlopen = 0x407c0c0a;
inline constexpr std::uint32_t kGnuPropertyX86Isa1Needed = 0xc0008002;  // x86-64 psABI; older values had other bits

}  // namespace lambdapack::elf_format
