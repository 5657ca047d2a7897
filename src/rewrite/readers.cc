#include "rewrite/readers.h"

namespace narrowcast {

void move_readers(EditLog& log, const WeightPlan& plan, ValueId widened, const std::string& reason) {
  for (const Use& reader : plan.readers) log.set_input(reader.node, reader.slot, widened, reason);
  for (const NodeId converter : plan.converters) log.drop_node(converter, "its operand is widened by a new op");
}

}  // namespace narrowcast
