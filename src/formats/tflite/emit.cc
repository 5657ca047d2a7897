#include "formats/tflite/emit.h"

#include <algorithm>
#include <array>
#include <map>

#include "formats/tflite/zip_tail.h"

namespace narrowcast::tflite {
namespace {

constexpr uint64_t kHeaderBytes = 8;  // the root's offset, then the identifier
constexpr uint64_t kOutsideAlignment = 16;
constexpr uint64_t kNotPlaced = 0;
// Smaller payloads are copied into the bytes around them instead of becoming a piece of their own.
constexpr uint64_t kMaxCopied = 256;

uint64_t align_up(uint64_t position, uint64_t alignment) { return (position + alignment - 1) / alignment * alignment; }

// Where the fields of a table stand inside it, which its vtable says.
struct Layout {
  std::vector<uint16_t> offsets;  // by slot; 0 for absent
  uint16_t bytes = 4;
  bool has_wide = false;  // 8-byte fields: they stand first, behind the 4 bytes of the vtable's offset
};

Layout layout_of(const Table& table) {
  Layout layout;
  if (!table.fields.empty()) layout.offsets.resize(table.fields.back().slot + 1U, 0);
  for (const unsigned width : {8U, 4U, 2U, 1U}) {
    for (const Field& field : table.fields) {
      if (inline_bytes(table_info(table.type).fields[field.slot]) != width) continue;
      if (width == 8) layout.has_wide = true;
      layout.offsets[field.slot] = layout.bytes;
      layout.bytes = static_cast<uint16_t>(layout.bytes + width);
    }
  }
  return layout;
}

class Emitter {
 public:
  Emitter(const Files& files, const FileContents& contents)
      : files_(files),
        contents_(contents),
        set_(*contents.tables),
        tables_(set_.tables_end(), kNotPlaced),
        vtables_(set_.tables_end(), kNotPlaced),
        lists_(set_.lists_end(), kNotPlaced),
        blobs_(set_.blobs_end(), kNotPlaced) {}

  Result<Rope> emit();

 private:
  // Tables and lists by rank: everything that points to a rank lies in a lower one, so offsets lead forward.
  struct Rank {
    std::vector<Index> lists;
    std::vector<Index> tables;
  };

  void discover(Index index);
  void discover_field(const Table& table, const Field& field);
  void place_vtables();
  void place_tables();
  void place_blobs();
  void place_outside();
  void write_header();
  void write_table(Index index);
  void write_list(Index index);
  void write_blob(Index index);
  void write_outside();
  [[nodiscard]] uint64_t target_of(const Table& table, const Field& field) const;

  void pad_to(uint64_t position) {
    if (position > out_.size()) out_.append_zeros(position - out_.size());
  }
  template <typename T>
  void put(T value) {
    Bytes bytes;
    append_le(bytes, value);
    out_.append(ByteView(bytes));
  }

  const Files& files_;
  const FileContents& contents_;
  const TableSet& set_;
  // Positions by index.
  std::vector<uint64_t> tables_;
  std::vector<uint64_t> vtables_;
  std::vector<uint64_t> lists_;
  std::vector<uint64_t> blobs_;
  std::vector<bool> seen_tables_ = std::vector<bool>(tables_.size(), false);
  std::vector<bool> seen_lists_ = std::vector<bool>(lists_.size(), false);
  std::vector<bool> seen_blobs_ = std::vector<bool>(blobs_.size(), false);
  std::array<Rank, kMaxRank + 1> ranks_;
  std::vector<Index> blob_order_;
  std::vector<Index> large_blobs_;
  std::map<Bytes, uint64_t> vtable_positions_;
  std::vector<std::pair<const Bytes*, uint64_t>> vtable_order_;
  struct Placed {
    const Payload* payload;
    uint64_t position;
  };
  std::vector<Placed> outside_order_;
  std::map<Index, uint64_t> outside_positions_;  // by table
  uint64_t end_ = kHeaderBytes;
  Rope out_;
};

void Emitter::discover_field(const Table& table, const Field& field) {
  const FieldInfo& info = table_info(table.type).fields[field.slot];
  const auto index = static_cast<Index>(field.bits);
  switch (info.kind) {
    case FieldKind::scalar:
      return;
    case FieldKind::table:
    case FieldKind::union_value:
      discover(index);
      return;
    case FieldKind::tables: {
      if (seen_lists_[index]) return;
      seen_lists_[index] = true;
      ranks_[table_info(static_cast<TableType>(info.child)).rank].lists.push_back(index);
      for (const Index child : set_.list(index)) discover(child);
      return;
    }
    default:
      if (seen_blobs_[index]) return;
      seen_blobs_[index] = true;
      (payload_length(set_.blob(index).payload) <= kMaxCopied ? blob_order_ : large_blobs_).push_back(index);
  }
}

// Depth is the schema's.
void Emitter::discover(Index index) {
  if (seen_tables_[index]) return;
  seen_tables_[index] = true;
  const Table& table = set_.table(index);
  ranks_[table_info(table.type).rank].tables.push_back(index);
  for (const Field& field : table.fields) discover_field(table, field);
}

void Emitter::place_vtables() {
  for (const Rank& rank : ranks_) {
    for (const Index index : rank.tables) {
      const Layout layout = layout_of(set_.table(index));
      Bytes bytes;
      append_le(bytes, static_cast<uint16_t>(4 + 2 * layout.offsets.size()));
      append_le(bytes, layout.bytes);
      for (const uint16_t offset : layout.offsets) append_le(bytes, offset);
      const auto [it, is_new] = vtable_positions_.emplace(std::move(bytes), end_);
      if (is_new) {
        vtable_order_.emplace_back(&it->first, end_);
        end_ += it->first.size();
      }
      vtables_[index] = it->second;
    }
  }
}

void Emitter::place_tables() {
  for (const Rank& rank : ranks_) {
    for (const Index index : rank.lists) {
      lists_[index] = align_up(end_, 4);
      end_ = lists_[index] + 4 + 4 * set_.list(index).size();
    }
    for (const Index index : rank.tables) {
      const Layout layout = layout_of(set_.table(index));
      tables_[index] = layout.has_wide ? align_up(end_ + 4, 8) - 4 : align_up(end_, 4);
      end_ = tables_[index] + layout.bytes;
    }
  }
}

void Emitter::place_blobs() {
  // Small ones first: everything but the weights then lies together.
  blob_order_.insert(blob_order_.end(), large_blobs_.begin(), large_blobs_.end());
  for (const Index index : blob_order_) {
    const Blob& blob = set_.blob(index);
    blobs_[index] = align_up(end_ + 4, std::max<uint64_t>(blob.align, 4)) - 4;
    end_ = blobs_[index] + 4 + payload_length(blob.payload) + (blob.is_string ? 1 : 0);
  }
}

void Emitter::place_outside() {
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> known;  // several tables may share a stretch of the file
  for (const OutsideRecord& record : contents_.outside) {
    if (!seen_tables_[record.table]) continue;
    const uint64_t position = align_up(end_, kOutsideAlignment);
    if (const Span* span = std::get_if<Span>(&record.payload)) {
      const auto [it, is_new] = known.emplace(std::pair(span->offset, span->length), position);
      outside_positions_[record.table] = it->second;
      if (!is_new) continue;
    }
    outside_positions_[record.table] = position;
    outside_order_.push_back({&record.payload, position});
    end_ = position + payload_length(record.payload);
  }
}

void Emitter::write_header() {
  put(static_cast<uint32_t>(tables_[contents_.root]));
  static constexpr std::array<uint8_t, 4> kIdentifier{'T', 'F', 'L', '3'};
  out_.append(ByteView(kIdentifier));
  for (const auto& [bytes, position] : vtable_order_) out_.append(ByteView(*bytes));
}

uint64_t Emitter::target_of(const Table& table, const Field& field) const {
  const auto index = static_cast<Index>(field.bits);
  switch (table_info(table.type).fields[field.slot].kind) {
    case FieldKind::table:
    case FieldKind::union_value:
      return tables_[index];
    case FieldKind::tables:
      return lists_[index];
    default:
      return blobs_[index];
  }
}

// The slot that holds the offset of bytes outside the flatbuffer.
std::optional<uint16_t> outside_offset_slot(TableType type) {
  if (type == TableType::Buffer) return field::Buffer::offset;
  if (type == TableType::Operator) return field::Operator::large_custom_options_offset;
  return std::nullopt;
}

void Emitter::write_table(Index index) {
  const Table& table = set_.table(index);
  const Layout layout = layout_of(table);
  const uint64_t position = tables_[index];
  pad_to(position);
  Bytes bytes(layout.bytes, 0);
  store_le(bytes.data(), static_cast<int32_t>(position - vtables_[index]));
  const auto outside = outside_positions_.find(index);
  for (const Field& field : table.fields) {
    const FieldInfo& info = table_info(table.type).fields[field.slot];
    const uint16_t within = layout.offsets[field.slot];
    uint64_t bits = field.bits;
    if (info.kind != FieldKind::scalar) bits = target_of(table, field) - (position + within);
    if (outside != outside_positions_.end() && outside_offset_slot(table.type) == field.slot) bits = outside->second;
    std::memcpy(bytes.data() + within, &bits, inline_bytes(info));
  }
  out_.append(ByteView(bytes));
}

void Emitter::write_list(Index index) {
  const std::vector<Index>& list = set_.list(index);
  pad_to(lists_[index]);
  put(static_cast<uint32_t>(list.size()));
  for (const Index child : list) put(static_cast<uint32_t>(tables_[child] - out_.size()));
}

void Emitter::write_blob(Index index) {
  const Blob& blob = set_.blob(index);
  const uint64_t length = payload_length(blob.payload);
  pad_to(blobs_[index]);
  put(static_cast<uint32_t>(length / blob.element_bytes));
  if (length <= kMaxCopied) {
    Bytes bytes(static_cast<std::size_t>(length));
    read_payload(files_, blob.payload, 0, bytes);
    out_.append(ByteView(bytes));
  } else {
    out_.append(blob.payload);
  }
  if (blob.is_string) put(uint8_t{0});
}

void Emitter::write_outside() {
  for (const Placed& placed : outside_order_) {
    pad_to(placed.position);
    out_.append(*placed.payload);
  }
}

Result<Rope> Emitter::emit() {
  discover(contents_.root);
  place_vtables();
  place_tables();
  place_blobs();
  if (end_ > INT32_MAX) {
    return fail(ErrorCode::unsupported,
                "The narrowed model would be larger than 2 GiB, more than one TFLite file holds.");
  }
  place_outside();
  write_header();
  for (const Rank& rank : ranks_) {
    for (const Index index : rank.lists) write_list(index);
    for (const Index index : rank.tables) write_table(index);
  }
  for (const Index index : blob_order_) write_blob(index);
  write_outside();
  if (contents_.tail.length > 0) NC_CHECK(append_tail(files_, contents_.tail, out_));
  return std::move(out_);
}

}  // namespace

Result<Rope> emit_file(const Files& files, const FileContents& contents) { return Emitter(files, contents).emit(); }

}  // namespace narrowcast::tflite
