#include "formats/tflite/buffers.h"

namespace narrowcast::tflite {

BufferEditor::BufferEditor(const Files& files, const TfliteRecords& records, TableSet& set)
    : records_(records), set_(set), outside_(records.outside) {
  const TableView root(files, records.tables, records.root);
  const auto buffers = root.children(field::Model::buffers);
  list_.assign(buffers.begin(), buffers.end());
  users_.resize(list_.size(), 0);
  was_outside_.resize(list_.size(), false);
  for (const Index subgraph : root.children(field::Model::subgraphs)) {
    for (const Index tensor : root.at(subgraph).children(field::SubGraph::tensors)) {
      const auto buffer = static_cast<std::size_t>(root.at(tensor).integer(field::Tensor::buffer));
      if (buffer < users_.size()) ++users_[buffer];
    }
  }
  for (const Index entry : root.children(field::Model::metadata)) {
    ++users_[static_cast<std::size_t>(root.at(entry).integer(field::Metadata::buffer))];
  }
  for (const int64_t buffer : root.integers(field::Model::metadata_buffer)) {
    if (buffer >= 0 && buffer < static_cast<int64_t>(users_.size())) ++users_[static_cast<std::size_t>(buffer)];
  }
  was_used_.resize(list_.size(), false);
  for (std::size_t i = 0; i < list_.size(); ++i) {
    was_used_[i] = users_[i] > 0;
    const TableView buffer = root.at(list_[i]);
    was_outside_[i] = records.buffers[i].length > 0 && buffer.count(field::Buffer::data) == 0;
    // Buffer 0 stands for "no data", whatever it holds.
    if (i > 0)
      by_span_.emplace(std::pair(records.buffers[i].offset, records.buffers[i].length), static_cast<uint32_t>(i));
  }
}

Index BufferEditor::make_buffer(uint32_t replaced, const Payload& payload) {
  Table table{.type = TableType::Buffer, .fields = {}};
  const bool stays_outside = replaced < was_outside_.size() && was_outside_[replaced] && payload_length(payload) > 1;
  if (!stays_outside) {
    table.set(field::Buffer::data,
              set_.add_scalars(table_info(TableType::Buffer).fields[field::Buffer::data], payload));
    return set_.add_table(std::move(table));
  }
  table.set(field::Buffer::offset, 0);  // known when the file is laid out
  table.set(field::Buffer::size, payload_length(payload));
  const Index index = set_.add_table(std::move(table));
  outside_.push_back({index, payload});
  return index;
}

void BufferEditor::put(uint32_t buffer, const Payload& payload) {
  if (buffer < records_.buffers.size()) {
    const auto held = by_span_.find(std::pair(records_.buffers[buffer].offset, records_.buffers[buffer].length));
    if (held != by_span_.end() && held->second == buffer) by_span_.erase(held);
  }
  list_[buffer] = make_buffer(buffer, payload);
  if (const auto* span = std::get_if<Span>(&payload); span != nullptr && span->file == 0) {
    by_span_[std::pair(span->offset, span->length)] = buffer;
  } else if (const auto* generator = std::get_if<std::shared_ptr<const Generator>>(&payload)) {
    by_generator_[generator->get()] = buffer;
  }
}

uint32_t BufferEditor::store(uint32_t old, const Payload& payload) {
  const auto shared = [&]() -> uint32_t {
    if (const auto* span = std::get_if<Span>(&payload); span != nullptr && span->file == 0 && span->length > 0) {
      const auto it = by_span_.find(std::pair(span->offset, span->length));
      return it == by_span_.end() ? 0 : it->second;
    }
    if (const auto* generator = std::get_if<std::shared_ptr<const Generator>>(&payload)) {
      const auto it = by_generator_.find(generator->get());
      return it == by_generator_.end() ? 0 : it->second;
    }
    return 0;
  }();
  if (shared != 0) {
    ++users_[shared];
    release(old);
    return shared;
  }
  if (old != 0 && users_[old] == 1) {
    put(old, payload);
    return old;
  }
  release(old);
  if (list_.empty()) {  // a model without buffers: the first one must be empty
    list_.push_back(set_.add_table({.type = TableType::Buffer, .fields = {}}));
    users_.push_back(1);
  }
  const auto added = static_cast<uint32_t>(list_.size());
  list_.push_back(0);
  users_.push_back(1);
  put(added, payload);
  return added;
}

void BufferEditor::release(uint32_t buffer) {
  if (buffer != 0) --users_[buffer];
}

const std::vector<Index>& BufferEditor::finish() {
  for (std::size_t i = 1; i < list_.size(); ++i) {
    const bool forsaken = users_[i] == 0 && (i >= was_used_.size() || was_used_[i]);
    if (forsaken) list_[i] = set_.add_table({.type = TableType::Buffer, .fields = {}});
  }
  return list_;
}

}  // namespace narrowcast::tflite
