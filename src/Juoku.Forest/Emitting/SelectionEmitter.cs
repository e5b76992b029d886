using Juoku.Forest.Packing;

namespace Juoku.Forest.Emitting;

/// <summary>
/// Emits the selections of a tree as straight-line code: intermediate planes stay in registers, a selection is one instruction where its
/// operands allow, and nothing is decoded or branched on. Each intermediate value is used exactly once, so the register of an operand
/// becomes that of the result; when registers run out, the value that is needed last waits in its own bit row.
/// </summary>
internal sealed class SelectionEmitter(int scratch)
{
    private const int InMemory = -1;
    private const int Temporary = 0;

    // Truth tables by (target, second, third operand), bit 0 for (0, 0, 0).
    private const byte ThirdChoosesFirstOrSecond = 0b11100100;
    private const byte SecondChoosesFirstOrThird = 0b11100010;
    private const byte SecondChoosesThirdOrFirst = 0b10111000;
    private const byte FirstAndThird = 0b10100000;
    private const byte FirstAndNotThird = 0b01010000;
    private const byte FirstOrThird = 0b11111010;
    private const byte FirstOrNotThird = 0b11110101;
    private const byte NotThird = 0b01010101;

    // Windows wants zmm6 … zmm15 preserved in part; the others are free everywhere.
    private static readonly int[] Registers = OperatingSystem.IsWindows() ? [1, 2, 3, 4, 5, .. Enumerable.Range(16, 16)] : [.. Enumerable.Range(1, 31)];

    private readonly EvexWriter _writer = new();
    private readonly Stack<int> _free = new();

    // By register, the row whose value it holds (0 = none) and the selection that will use it.
    private readonly int[] _rows = new int[32];
    private readonly int[] _uses = new int[32];

    // By scratch row, the register that holds its value, or InMemory.
    private int[] _registers = [];
    private int[] _next = [];

    /// <summary>Emits a function for selections; the caller's to call with the address of the bit rows.</summary>
    /// <param name="ops">Selections, operands as byte offsets.</param>
    /// <param name="planes">Offsets of the rows that must be in memory at the end.</param>
    public byte[] Emit(ReadOnlySpan<MuxOp> ops, ReadOnlySpan<int> planes)
    {
        _writer.Clear();
        _free.Clear();
        foreach (int register in Registers) _free.Push(register);
        Array.Clear(_rows);
        int[] uses = Uses(ops);
        for (int i = 0; i < ops.Length; i++) Emit(ops[i], uses[i]);
        foreach (int plane in planes)
        {
            if (plane >= scratch && _registers[Scratch(plane)] is var register and not InMemory) _writer.Store(plane, register);
        }

        _writer.Return();
        return _writer.Code.ToArray();
    }

    private int Scratch(int row) => (row - scratch) / BitRows.Bytes;

    /// <summary>Index of the selection that uses each result; as many as there are where none does.</summary>
    private int[] Uses(ReadOnlySpan<MuxOp> ops)
    {
        int rows = 0;
        foreach (MuxOp op in ops) rows = Math.Max(rows, Scratch(op.Target) + 1);
        if (_next.Length < rows)
        {
            _next = new int[rows];
            _registers = new int[rows];
        }

        Array.Fill(_registers, InMemory);
        Array.Fill(_next, ops.Length);
        var uses = new int[ops.Length];
        for (int i = ops.Length - 1; i >= 0; i--)
        {
            uses[i] = _next[Scratch(ops[i].Target)];
            _next[Scratch(ops[i].Target)] = ops.Length;
            if (ops[i].One >= scratch) _next[Scratch(ops[i].One)] = i;
            if (ops[i].Zero >= scratch) _next[Scratch(ops[i].Zero)] = i;
        }

        return uses;
    }

    private void Emit(MuxOp op, int use)
    {
        int one = Take(op.One), zero = Take(op.Zero);
        int result = one != InMemory && zero != InMemory ? EmitOfRegisters(op, one, zero)
            : IsConstant(op.One) || IsConstant(op.Zero) ? EmitOfConstant(op, one, zero)
            : EmitOfMemory(op, one, zero);
        _registers[Scratch(op.Target)] = result;
        _rows[result] = op.Target;
        _uses[result] = use;
    }

    private int EmitOfRegisters(MuxOp op, int one, int zero)
    {
        _writer.Ternary(one, zero, op.Condition, ThirdChoosesFirstOrSecond);
        Release(zero);
        return one;
    }

    private int EmitOfConstant(MuxOp op, int one, int zero)
    {
        if (IsConstant(op.One) && IsConstant(op.Zero))
        {
            int inverted = Register();
            _writer.Load(inverted, op.Condition);
            _writer.TernaryOfRegisters(inverted, inverted, inverted, NotThird);
            return inverted;
        }

        bool constantIsOne = IsConstant(op.One);
        bool constant = (constantIsOne ? op.One : op.Zero) == BitRows.Ones * BitRows.Bytes;
        int variable = constantIsOne ? zero : one;
        if (variable == InMemory)
        {
            variable = Register();
            _writer.Load(variable, constantIsOne ? op.Zero : op.One);
        }

        _writer.Ternary(variable, variable, op.Condition, (constantIsOne, constant) switch
        {
            (true, true) => FirstOrThird,
            (true, false) => FirstAndNotThird,
            (false, true) => FirstOrNotThird,
            (false, false) => FirstAndThird,
        });
        return variable;
    }

    private int EmitOfMemory(MuxOp op, int one, int zero)
    {
        _writer.Load(Temporary, op.Condition);
        if (one != InMemory)
        {
            _writer.Ternary(one, Temporary, op.Zero, SecondChoosesFirstOrThird);
            return one;
        }

        if (zero == InMemory)
        {
            zero = Register();
            _writer.Load(zero, op.Zero);
        }

        _writer.Ternary(zero, Temporary, op.One, SecondChoosesThirdOrFirst);
        return zero;
    }

    /// <summary>Register of an operand, which the caller now owns, or <see cref="InMemory"/>.</summary>
    private int Take(int row)
    {
        if (row < scratch) return InMemory;
        int register = _registers[Scratch(row)];
        _registers[Scratch(row)] = InMemory;
        if (register != InMemory) _rows[register] = 0;
        return register;
    }

    private void Release(int register) => _free.Push(register);

    /// <summary>A free register; where there is none, that of the value needed last, which moves to its row.</summary>
    private int Register()
    {
        if (_free.TryPop(out int register)) return register;
        foreach (int candidate in Registers)
        {
            // A register without a row belongs to the selection being emitted.
            if (_rows[candidate] != 0 && (register == 0 || _uses[candidate] > _uses[register])) register = candidate;
        }

        _writer.Store(_rows[register], register);
        _registers[Scratch(_rows[register])] = InMemory;
        _rows[register] = 0;
        return register;
    }

    private static bool IsConstant(int row) => row < BitRows.FirstFree * BitRows.Bytes;
}
