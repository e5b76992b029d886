using Juoku.Forest.Packing;

namespace Juoku.Forest.Emitting;

/// <summary>
/// Emits the selections of a tree as straight-line code: intermediate planes stay in registers, a selection is one instruction where its
/// operands allow, and nothing is decoded or branched on. Each intermediate value is used exactly once, so the register of an operand
/// becomes that of the result; when registers run out, the value that is needed last waits in its own bit row.
/// </summary>
internal sealed class SelectionEmitter(EvexWriter writer, int scratch)
{
    private const int InMemory = -1;
    private const int Temporary = 0;

    // Windows wants zmm6 … zmm15 preserved in part; the others are free everywhere.
    private static readonly int[] Registers = OperatingSystem.IsWindows() ? [1, 2, 3, 4, 5, .. Enumerable.Range(16, 16)] : [.. Enumerable.Range(1, 31)];

    private readonly Stack<int> _free = new();
    private readonly Dictionary<int, int> _registers = [];
    private readonly Dictionary<int, int> _lastUse = [];

    /// <summary>Emits a function for the selections of one tree; returns its offset in the code.</summary>
    /// <param name="ops">Selections, operands as byte offsets.</param>
    /// <param name="planes">Offsets of the rows that must be in memory at the end.</param>
    public int Emit(ReadOnlySpan<MuxOp> ops, ReadOnlySpan<int> planes)
    {
        int start = writer.Length;
        int[] uses = Uses(ops);
        _registers.Clear();
        _lastUse.Clear();
        _free.Clear();
        foreach (int register in Registers) _free.Push(register);

        for (int i = 0; i < ops.Length; i++) Emit(ops[i], uses[i]);
        foreach (int plane in planes)
        {
            if (_registers.TryGetValue(plane, out int register) && register != InMemory) writer.Store(plane, register);
        }

        writer.Return();
        return start;
    }

    /// <summary>Index of the selection that uses each result.</summary>
    private int[] Uses(ReadOnlySpan<MuxOp> ops)
    {
        var uses = new int[ops.Length];
        var next = new Dictionary<int, int>();
        for (int i = ops.Length - 1; i >= 0; i--)
        {
            uses[i] = next.GetValueOrDefault(ops[i].Target, ops.Length);
            if (ops[i].One >= scratch) next[ops[i].One] = i;
            if (ops[i].Zero >= scratch) next[ops[i].Zero] = i;
        }

        return uses;
    }

    private void Emit(MuxOp op, int use)
    {
        int one = Take(op.One), zero = Take(op.Zero);
        int result = one != InMemory && zero != InMemory ? EmitOfRegisters(op, one, zero)
            : IsConstant(op.One) || IsConstant(op.Zero) ? EmitOfConstant(op, one, zero)
            : EmitOfMemory(op, one, zero);
        _registers[op.Target] = result;
        _lastUse[op.Target] = use;
    }

    private int EmitOfRegisters(MuxOp op, int one, int zero)
    {
        writer.Ternary(one, zero, op.Condition, TruthTable((a, b, c) => c ? a : b));
        _free.Push(zero);
        return one;
    }

    private int EmitOfConstant(MuxOp op, int one, int zero)
    {
        if (IsConstant(op.One) && IsConstant(op.Zero))
        {
            int inverted = Register();
            writer.Load(inverted, op.Condition);
            writer.TernaryOfRegisters(inverted, inverted, inverted, TruthTable((a, _, _) => !a));
            return inverted;
        }

        bool constantIsOne = IsConstant(op.One);
        bool constant = (constantIsOne ? op.One : op.Zero) == BitRows.Ones * BitRows.Bytes;
        int variable = constantIsOne ? zero : one;
        if (variable == InMemory)
        {
            variable = Register();
            writer.Load(variable, constantIsOne ? op.Zero : op.One);
        }

        writer.Ternary(variable, variable, op.Condition, constantIsOne
            ? TruthTable((a, _, c) => c ? constant : a)
            : TruthTable((a, _, c) => c ? a : constant));
        return variable;
    }

    private int EmitOfMemory(MuxOp op, int one, int zero)
    {
        writer.Load(Temporary, op.Condition);
        if (one != InMemory)
        {
            writer.Ternary(one, Temporary, op.Zero, TruthTable((a, b, c) => b ? a : c));
            return one;
        }

        if (zero == InMemory)
        {
            zero = Register();
            writer.Load(zero, op.Zero);
        }

        writer.Ternary(zero, Temporary, op.One, TruthTable((a, b, c) => b ? c : a));
        return zero;
    }

    /// <summary>Register of an operand, which the caller now owns, or <see cref="InMemory"/>.</summary>
    private int Take(int row)
    {
        if (row < scratch) return InMemory;
        _registers.Remove(row, out int register);
        _lastUse.Remove(row);
        return register;
    }

    private int Register()
    {
        if (_free.TryPop(out int register)) return register;
        int latest = _registers.Where(entry => entry.Value != InMemory).MaxBy(entry => _lastUse[entry.Key]).Key;
        register = _registers[latest];
        writer.Store(latest, register);
        _registers[latest] = InMemory;
        return register;
    }

    private static bool IsConstant(int row) => row < BitRows.FirstFree * BitRows.Bytes;

    private static byte TruthTable(Func<bool, bool, bool, bool> function)
    {
        int table = 0;
        for (int i = 0; i < 8; i++)
            if (function((i & 4) != 0, (i & 2) != 0, (i & 1) != 0)) table |= 1 << i;
        return (byte)table;
    }
}
