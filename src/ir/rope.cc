#include "ir/rope.h"

#include <algorithm>

namespace narrowcast {

void Rope::append(Span span) {
  if (span.length == 0) return;
  if (!pieces_.empty()) {
    auto* last = std::get_if<Span>(&pieces_.back().payload);
    if (last != nullptr && last->file == span.file && last->offset + last->length == span.offset) {
      last->length += span.length;
      size_ += span.length;
      return;
    }
  }
  pieces_.push_back({size_, span});
  size_ += span.length;
}

void Rope::append(ByteView bytes) {
  if (bytes.empty()) return;
  if (!pieces_.empty()) {
    if (auto* last = std::get_if<Bytes>(&pieces_.back().payload)) {
      last->insert(last->end(), bytes.begin(), bytes.end());
      size_ += bytes.size();
      return;
    }
  }
  append(Bytes(bytes.begin(), bytes.end()));
}

void Rope::append(Bytes&& bytes) {
  if (bytes.empty()) return;
  const uint64_t length = bytes.size();
  pieces_.push_back({size_, std::move(bytes)});
  size_ += length;
}

void Rope::append(const Payload& payload) {
  if (const auto* span = std::get_if<Span>(&payload)) {
    append(*span);
  } else if (const auto* bytes = std::get_if<Bytes>(&payload)) {
    append(ByteView(*bytes));
  } else if (const uint64_t length = payload_length(payload); length > 0) {
    pieces_.push_back({size_, payload});
    size_ += length;
  }
}

void Rope::append(Rope&& rope) {
  for (Piece& piece : rope.pieces_) {
    if (auto* bytes = std::get_if<Bytes>(&piece.payload)) {
      append(ByteView(*bytes));
    } else {
      append(piece.payload);
    }
  }
  rope = Rope();
}

void Rope::append_zeros(uint64_t count) { append(ByteView(Bytes(static_cast<std::size_t>(count)))); }

void Rope::read(const Files& files, uint64_t offset, std::span<uint8_t> out) const {
  auto piece = std::ranges::upper_bound(pieces_, offset, {}, &Piece::begin);
  if (piece != pieces_.begin()) --piece;
  for (; !out.empty() && piece != pieces_.end(); ++piece) {
    const uint64_t within = offset - piece->begin;
    const auto count =
        static_cast<std::size_t>(std::min<uint64_t>(out.size(), payload_length(piece->payload) - within));
    read_payload(files, piece->payload, within, out.first(count));
    out = out.subspan(count);
    offset += count;
  }
}

}  // namespace narrowcast
