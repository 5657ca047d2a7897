import type { EngineModule, EngineModuleOptions } from './engine-module.js';

export default function createEngineModule(options: EngineModuleOptions): Promise<EngineModule>;
