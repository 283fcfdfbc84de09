// Instructions that Lambda's processors may lack: told apart one by one, and in ELF files made here byte by byte. What
// compilers make of real code is tests/e2e/processor_truth.
#include "elf/find_above_baseline.h"

#include <doctest/doctest.h>

#include "elf/elf_samples.h"
#include "elf/instruction_decoder.h"
#include "elf/read_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

const FileBytes kEvexAdd{0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc1};  // vaddps zmm0, zmm0, zmm1
const FileBytes kRet{0xc3};
const FileBytes kCpuid{0x0f, 0xa2};
const FileBytes kSseAdd{0x0f, 0x58, 0xc1};  // addps xmm0, xmm1
const FileBytes kNop{0x90};

FileBytes joined(std::initializer_list<FileBytes> parts) {
  FileBytes all;
  for (const FileBytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

FileBytes words(std::initializer_list<std::uint32_t> values) {
  FileBytes bytes;
  for (const std::uint32_t value : values)
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return bytes;
}

void put(FileBytes& file, std::size_t offset, std::uint64_t value, unsigned count) {
  if (file.size() < offset + count) file.resize(offset + count);
  for (unsigned i = 0; i < count; ++i) file[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void put_segment(FileBytes& file, unsigned index, std::uint32_t type, std::uint32_t flags, std::uint64_t offset,
                 std::uint64_t size) {
  const std::size_t at = 64 + 56 * index;
  put(file, at, type, 4);
  put(file, at + 4, flags, 4);
  for (const std::size_t field : {at + 8, at + 16, at + 24}) put(file, field, offset, 8);  // address = offset
  put(file, at + 32, size, 8);
  put(file, at + 40, size, 8);
  put(file, at + 48, 4, 8);
}

constexpr std::size_t kCode = 0x1000;

void put_header(FileBytes& file, std::uint16_t machine, unsigned segments) {
  const FileBytes ident{0x7f, 'E', 'L', 'F', 2, 1, 1};
  put(file, 63, 0, 1);
  std::copy(ident.begin(), ident.end(), file.begin());
  put(file, 16, 3, 2);  // ET_DYN
  put(file, 18, machine, 2);
  put(file, 20, 1, 4);
  put(file, 32, 64, 8);  // e_phoff
  put(file, 52, 64, 2);
  put(file, 54, 56, 2);
  put(file, 56, segments, 2);
}

// A shared object with these functions, one after the other from kCode, and the unwinder's table of them.
FileBytes library_of(std::uint16_t machine, const std::vector<FileBytes>& functions) {
  FileBytes file;
  put_header(file, machine, 2);
  std::size_t at = kCode;
  std::vector<std::size_t> starts;
  for (const FileBytes& function : functions) {
    starts.push_back(at);
    file.resize(std::max(file.size(), at));
    file.insert(file.end(), function.begin(), function.end());
    at = (file.size() + 15) / 16 * 16;
  }
  const std::size_t header = at, frames = header + 12 + 8 * functions.size();
  put(file, header, 0x3b031b01, 4);
  put(file, header + 8, functions.size(), 4);
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const std::size_t frame = frames + 16 * i;
    put(file, header + 12 + 8 * i, starts[i] - header, 4);
    put(file, header + 16 + 8 * i, frame - header, 4);
    put(file, frame, 12, 4);
    put(file, frame + 8, starts[i] - (frame + 8), 4);
    put(file, frame + 12, functions[i].size(), 4);
  }
  put_segment(file, 0, 1, 5, 0, file.size());
  put_segment(file, 1, 0x6474e550, 4, header, frames - header);
  return file;
}

std::optional<AboveBaseline> look_at(const FileBytes& file) {
  return find_above_baseline(file, read_elf(file));
}

}  // namespace

TEST_CASE("x86-64: EVEX, masks, tiles and APX are above the baseline; AVX2, SSE and integer code are not") {
  const auto decoder = InstructionDecoder::make(kMachineX86_64);
  REQUIRE(decoder);
  const auto above = [&](const FileBytes& code) {
    const auto instruction = decoder->decode(code);
    REQUIRE(instruction);
    CHECK(instruction->size == code.size());
    return instruction->above_baseline;
  };
  CHECK(above(kEvexAdd));
  CHECK(above({0x62, 0xf1, 0xfe, 0x28, 0x6f, 0x07}));  // vmovdqu64 ymm0, [rdi]
  CHECK(above({0xc5, 0xf8, 0x92, 0xc8}));              // kmovw k1, eax
  CHECK(above({0xc4, 0xe2, 0x73, 0x5e, 0xc2}));        // tdpbssd tmm0, tmm2, tmm1
  CHECK(above({0xd5, 0x10, 0x01, 0xc0}));              // add r16d, eax with REX2
  CHECK_FALSE(above({0xc5, 0xfd, 0xfe, 0xc1}));        // vpaddd ymm0, ymm0, ymm1
  CHECK_FALSE(above({0xc4, 0xe2, 0x75, 0xb8, 0xc2}));  // vfmadd231ps ymm0, ymm1, ymm2
  CHECK_FALSE(above({0xc4, 0xe2, 0xf8, 0xf5, 0xc1}));  // bzhi rax, rcx, rax
  CHECK_FALSE(above(kSseAdd));
  CHECK_FALSE(above({0x48, 0x01, 0xd8}));  // add rax, rbx
  CHECK(decoder->feature(kEvexAdd) == "AVX-512");
  CHECK(decoder->feature(FileBytes{0xc4, 0xe2, 0x73, 0x5e, 0xc2}) == "AMX");
  CHECK(decoder->feature(FileBytes{0xd5, 0x10, 0x01, 0xc0}) == "APX");
  CHECK(decoder->decode(kSseAdd)->sse);
  CHECK_FALSE(decoder->decode(FileBytes{0xc5, 0xf8, 0x58, 0xc1})->sse);  // vaddps xmm0, xmm0, xmm1
  CHECK(decoder->decode(kCpuid)->asks_processor);
  CHECK_FALSE(decoder->decode(FileBytes{0x06}));  // no instruction in 64-bit mode
}

TEST_CASE("arm64: SVE, BF16 and combined pointer authentication are above a Neoverse N1; atomics and hints are not") {
  const auto decoder = InstructionDecoder::make(kMachineAArch64);
  REQUIRE(decoder);
  const auto above = [&](std::uint32_t word) {
    const auto instruction = decoder->decode(words({word}));
    REQUIRE(instruction);
    return instruction->above_baseline;
  };
  CHECK(above(0x04a10000));        // add z0.s, z0.s, z1.s
  CHECK(above(0x2e42fc20));        // bfdot v0.2s, v1.4h, v2.4h
  CHECK(above(0x4e82a420));        // smmla v0.4s, v1.16b, v2.16b
  CHECK(above(0xd65f0bff));        // retaa
  CHECK(above(0xce608020));        // sha512h of SHA-512
  CHECK_FALSE(above(0x4e829420));  // sdot v0.4s, v1.16b, v2.16b
  CHECK_FALSE(above(0xb8e00020));  // ldaddal w0, w0, [x1]
  CHECK_FALSE(above(0xd503233f));  // paciasp, a hint
  CHECK_FALSE(above(0xd503245f));  // bti c, a hint
  CHECK_FALSE(above(0x4e284820));  // aese
  CHECK_FALSE(above(0x0460e3e0));  // cnth x0: asks for the length of vectors only
  CHECK(decoder->feature(words({0x04a10000})) == "SVE");
  CHECK(decoder->feature(words({0xd65f0bff})) == "PAuth");
  CHECK(decoder->decode(words({0xd5380400}))->asks_processor);  // mrs x0, id_aa64pfr0_el1
}

TEST_CASE("no other machine has a decoder") {
  CHECK_FALSE(InstructionDecoder::make(kMachine386));
  CHECK_FALSE(InstructionDecoder::make(243));
}

TEST_CASE("code above the baseline is counted by function, and a file without has nothing") {
  const auto found = look_at(library_of(kMachineX86_64, {joined({kNop, kRet}), joined({kEvexAdd, kRet}), kRet}));
  REQUIRE(found);
  CHECK(found->feature == "AVX-512");
  CHECK(found->read == 3);
  CHECK(found->above == 1);
  CHECK(found->vector == 1);
  CHECK(found->sse == 0);
  CHECK(found->function == "the function at 0x1010");
  CHECK_FALSE(found->chooses);
  CHECK_FALSE(look_at(library_of(kMachineX86_64, {joined({kSseAdd, kRet})})));
}

TEST_CASE("cpuid in the file tells that it chooses, the same bytes inside another instruction do not") {
  const FileBytes above = joined({kEvexAdd, kRet});
  const FileBytes constant{0xb8, 0x0f, 0xa2, 0x00, 0x00, 0xc3};  // mov eax, 0xa20f
  CHECK(look_at(library_of(kMachineX86_64, {above, joined({kCpuid, kRet})}))->chooses);
  CHECK_FALSE(look_at(library_of(kMachineX86_64, {above, constant}))->chooses);
}

TEST_CASE("bytes of an EVEX instruction that no decoding arrives at are data") {
  // movabs rax, with the instruction in its operand
  const FileBytes constant{0x48, 0xb8, 0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc1, 0x00, 0x00, 0xc3};
  CHECK_FALSE(look_at(library_of(kMachineX86_64, {constant})));
}

TEST_CASE("arm64 code above the baseline is found, and a read of an ID register tells that it chooses") {
  const FileBytes sve = words({0x04a10000, 0xd65f03c0}), ask = words({0xd5380400, 0xd65f03c0});
  const auto blind = look_at(library_of(kMachineAArch64, {sve}));
  REQUIRE(blind);
  CHECK(blind->feature == "SVE");
  CHECK_FALSE(blind->chooses);
  CHECK(look_at(library_of(kMachineAArch64, {sve, ask}))->chooses);
}

TEST_CASE("a damaged table of functions is read as far as it makes sense") {
  FileBytes file = library_of(kMachineX86_64, {joined({kEvexAdd, kRet})});
  const std::size_t header = kCode + 16;
  SUBCASE("a count beyond the file") {
    put(file, header + 8, 0xffffffff, 4);
  }
  SUBCASE("a function elsewhere") {
    put(file, header + 12, 0x7fffffff, 4);
  }
  SUBCASE("a frame description elsewhere") {
    put(file, header + 16, 0x7fffffff, 4);
  }
  SUBCASE("an unknown encoding") {
    put(file, header, 0x00000001, 4);
  }
  (void)look_at(file);  // no crash, no endless loop
}

TEST_CASE("the x86-64 level in a property note is read, and not that of another machine") {
  for (const std::uint16_t machine : {kMachineX86_64, kMachineAArch64}) {
    FileBytes file;
    put_header(file, machine, 1);
    put_segment(file, 0, 4, 4, 0x200, 32);  // PT_NOTE
    put(file, 64 + 48, 8, 8);
    put(file, 0x200, 4, 4);   // namesz
    put(file, 0x204, 16, 4);  // descsz
    put(file, 0x208, 5, 4);   // NT_GNU_PROPERTY_TYPE_0
    put(file, 0x20c, 0x554e47, 4);
    put(file, 0x210, 0xc0008002, 4);  // GNU_PROPERTY_X86_ISA_1_NEEDED
    put(file, 0x214, 4, 4);
    put(file, 0x218, 9, 8);
    CHECK(read_elf(file).x86_levels_needed == (machine == kMachineX86_64 ? 9U : 0U));
  }
}
