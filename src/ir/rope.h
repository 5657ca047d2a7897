// An output file as a list of pieces: spans of the input, a few new bytes, and payloads made on the way out.
// Building one costs memory for the new bytes only; its length is known before any byte is produced.
#pragma once

#include <string>
#include <vector>

#include "ir/payload.h"

namespace narrowcast {

class Rope {
 public:
  void append(Span span);
  void append(ByteView bytes);
  void append(Bytes&& bytes);
  void append(const Payload& payload);
  void append(Rope&& rope);
  void append_zeros(uint64_t count);

  [[nodiscard]] uint64_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // Copies bytes [offset, offset + out.size()), which must lie inside. Sequential reads are O(1) per piece.
  void read(const Files& files, uint64_t offset, std::span<uint8_t> out) const;

 private:
  struct Piece {
    uint64_t begin;
    Payload payload;
  };
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
};

// What a writer makes: the model, and new external data files beside it.
struct OutputFile {
  std::string name;  // empty for the model itself; otherwise the name the model refers to
  Rope rope;
};

}  // namespace narrowcast
