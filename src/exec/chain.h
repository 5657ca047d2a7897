#pragma once
namespace narrowcast::exec {
struct Chain {};
}
