// Turns schema.fbs into the tables that drive the reader and the writer:
//   node generate_schema_table.mjs <schema.fbs> <schema_ids.h> <schema_table.inc>
// It knows the part of the schema language that schema.fbs uses and stops at anything else.
import { readFileSync, writeFileSync } from 'node:fs';

const scalars = {
  bool: ['boolean', 1],
  byte: ['i8', 1],
  ubyte: ['u8', 1],
  short: ['i16', 2],
  ushort: ['u16', 2],
  int: ['i32', 4],
  uint: ['u32', 4],
  long: ['i64', 8],
  ulong: ['u64', 8],
  float: ['f32', 4],
  double: ['f64', 8],
};
const enumsToName = ['BuiltinOperator', 'TensorType'];

const split = (body, separator) =>
  body
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');

function parse(text) {
  const schema = { enums: new Map(), unions: new Map(), tables: new Map(), root: '' };
  const statements = [
    [/^(namespace \w+|file_identifier "\w+"|file_extension "\w+");/, () => {}],
    [/^root_type (\w+);/, (name) => (schema.root = name)],
    [/^union (\w+) \{([^}]*)\}/, (name, body) => schema.unions.set(name, split(body, ','))],
    [/^table (\w+) \{([^}]*)\}/, (name, body) => schema.tables.set(name, split(body, ';'))],
    [
      /^enum (\w+) : (\w+) \{([^}]*)\}/,
      (name, type, body) => {
        const values = split(body, ',').map((item) => split(item, '='));
        schema.enums.set(name, { type, values: new Map(values.map(([key, value]) => [key, Number(value)])) });
      },
    ],
  ];
  let rest = text.replace(/\/\/.*$/gm, '').trim();
  while (rest !== '') {
    const found = statements.find(([pattern]) => pattern.test(rest));
    if (found === undefined) throw new Error(`schema.fbs: not understood: ${rest.slice(0, 60)}`);
    const match = found[0].exec(rest);
    found[1](...match.slice(1));
    rest = rest.slice(match[0].length).trim();
  }
  return schema;
}

// Fields by vtable slot; a union takes two, the first for its type.
function fieldsOf(schema, table) {
  const unionIndex = [...schema.unions.keys()];
  return schema.tables.get(table).flatMap((text) => {
    const match = /^(\w+): (\[)?(\w+)\]?(?: = ([\w-]+))?(?: \(force_align: (\d+)\))?$/.exec(text);
    if (match === null) throw new Error(`schema.fbs: ${table}: not understood: ${text}`);
    const [, name, isVector, type, preset, align = '0'] = match;
    const field = { name, scalar: 'none', child: 0, childTable: null, align, preset: 0 };
    const enumeration = schema.enums.get(type);
    const scalar = scalars[enumeration?.type ?? type];
    if (schema.unions.has(type)) {
      if (isVector) throw new Error(`schema.fbs: ${table}.${name}: vectors of unions are not supported`);
      return [
        { ...field, name: `${name}_type`, kind: 'scalar', scalar: 'u8' },
        { ...field, kind: 'union_value', child: unionIndex.indexOf(type), members: schema.unions.get(type) },
      ];
    }
    if (schema.tables.has(type)) return [{ ...field, kind: isVector ? 'tables' : 'table', members: [type] }];
    if (type === 'string' && !isVector) return [{ ...field, kind: 'string' }];
    if (scalar === undefined) throw new Error(`schema.fbs: ${table}.${name}: unknown type ${type}`);
    let value = preset ?? '0';
    if (enumeration?.values.has(value)) value = enumeration.values.get(value);
    if (value === 'true') value = 1;
    if (value === 'false') value = 0;
    if (!Number.isInteger(Number(value))) throw new Error(`schema.fbs: ${table}.${name}: default ${value}`);
    return [{ ...field, kind: isVector ? 'scalars' : 'scalar', scalar: scalar[0], preset: value }];
  });
}

// Length of the longest way from the root to each table: the order in which a parent always precedes its children,
// and the proof that no table can contain itself, which bounds the depth of any file.
function ranksOf(schema, fields) {
  const ranks = new Map([...schema.tables.keys()].map((name) => [name, 0]));
  const visit = (name, rank, path) => {
    if (path.includes(name)) throw new Error(`schema.fbs: ${name} contains itself`);
    if (rank > 0 && ranks.get(name) >= rank) return;
    ranks.set(name, rank);
    for (const field of fields.get(name)) {
      for (const member of field.members ?? []) visit(member, rank + 1, [...path, name]);
    }
  };
  visit(schema.root, 0, []);
  return ranks;
}

function idsHeader(schema, fields, ranks) {
  const lines = ['// Made from schema.fbs by generate_schema_table.mjs.', '#pragma once', '#include <cstdint>', ''];
  lines.push('namespace narrowcast::tflite {', 'enum class TableType : uint8_t {');
  for (const name of schema.tables.keys()) lines.push(`  ${name},`);
  lines.push('};', `inline constexpr uint32_t kTableTypes = ${schema.tables.size};`);
  lines.push(`inline constexpr uint32_t kMaxRank = ${Math.max(...ranks.values())};`);
  lines.push('enum class UnionType : uint8_t {');
  for (const name of schema.unions.keys()) lines.push(`  ${name},`);
  lines.push('};', '// Vtable slots.', 'namespace field {');
  for (const [name, list] of fields) {
    if (list.length === 0) continue;
    lines.push(`namespace ${name} {`, 'enum : uint16_t {');
    for (const field of list) lines.push(`  ${field.name},`);
    lines.push('};', '}');
  }
  lines.push('}', '}  // namespace narrowcast::tflite', '');
  return lines.join('\n');
}

function tableSource(schema, fields, ranks) {
  const lines = ['// Made from schema.fbs by generate_schema_table.mjs.'];
  const tableNames = [...schema.tables.keys()];
  for (const [name, list] of fields) {
    if (list.length === 0) continue;
    lines.push(`constexpr FieldInfo kFieldsOf${name}[] = {`);
    for (const f of list) {
      const child = f.kind === 'table' || f.kind === 'tables' ? tableNames.indexOf(f.members[0]) : f.child;
      lines.push(
        `    {"${f.name}", FieldKind::${f.kind}, ScalarType::${f.scalar}, ${child}, ${f.align}, ${f.preset}},`,
      );
    }
    lines.push('};');
  }
  lines.push('constexpr TableInfo kTables[] = {');
  for (const [name, list] of fields) {
    lines.push(`    {"${name}", ${list.length === 0 ? '{}' : `kFieldsOf${name}`}, ${ranks.get(name)}},`);
  }
  lines.push('};');
  for (const [name, members] of schema.unions) {
    lines.push(`constexpr TableType kMembersOf${name}[] = {${members.map((m) => `TableType::${m}`).join(', ')}};`);
  }
  lines.push('constexpr UnionInfo kUnions[] = {');
  for (const name of schema.unions.keys()) lines.push(`    {"${name}", kMembersOf${name}},`);
  lines.push('};');
  for (const name of enumsToName) {
    const values = schema.enums.get(name).values;
    if ([...values.values()].some((value, i) => value !== i)) throw new Error(`schema.fbs: ${name} has gaps`);
    lines.push(
      `constexpr std::string_view kNamesOf${name}[] = {${[...values.keys()].map((v) => `"${v}"`).join(', ')}};`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const [schemaPath, idsPath, tablePath] = process.argv.slice(2);
const schema = parse(readFileSync(schemaPath, 'utf8'));
const fields = new Map([...schema.tables.keys()].map((name) => [name, fieldsOf(schema, name)]));
const ranks = ranksOf(schema, fields);
writeFileSync(idsPath, idsHeader(schema, fields, ranks));
writeFileSync(tablePath, tableSource(schema, fields, ranks));
