import { deriveId, type Uuid } from '../kernel/ids.ts';

/** The key of an operation: the same id of two owners are two operations, and each is always the same one. */
export const operationKey = (ownerId: Uuid, id: Uuid): Uuid => deriveId(id, `operation of ${ownerId}`);
