namespace Juoku.Forest.Packing;

/// <summary>
/// One selection between bit rows: <c>target = condition ? one : zero</c>, bit by bit.
/// Operands are byte offsets in the workspace (<see cref="BitRows"/>).
/// </summary>
internal readonly record struct MuxOp(int Target, int Condition, int One, int Zero);
