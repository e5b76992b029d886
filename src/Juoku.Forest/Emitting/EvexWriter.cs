using System.Buffers.Binary;

namespace Juoku.Forest.Emitting;

/// <summary>
/// Writes the few x64 instructions that emitted selections consist of (Intel SDM volume 2, EVEX encoding). Registers are zmm0 … zmm31;
/// memory operands are 512 bits at an offset from the function's first argument.
/// </summary>
internal sealed class EvexWriter
{
    private const int LongestInstruction = 11;

    // The first argument is in rdi (System V) or rcx (Windows).
    private static readonly int Argument = OperatingSystem.IsWindows() ? 1 : 7;

    private byte[] _code = new byte[4096];

    public int Length { get; private set; }

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Code => _code.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary><c>target = [offset]</c></summary>
    public void Load(int target, int offset) => WithMemory(Instruction(opcodeMap: 1, isWide: true, target, second: 0, rm: 0), 0x6F, target, offset);

    /// <summary><c>[offset] = source</c></summary>
    public void Store(int offset, int source) => WithMemory(Instruction(opcodeMap: 1, isWide: true, source, second: 0, rm: 0), 0x7F, source, offset);

    /// <summary>Bitwise function of three operands, as a truth table indexed by (target, second, third): <c>target = f(target, second, [offset])</c>.</summary>
    public void Ternary(int target, int second, int offset, byte truthTable)
    {
        WithMemory(Instruction(opcodeMap: 3, isWide: false, target, second, rm: 0), 0x25, target, offset);
        _code[Length++] = truthTable;
    }

    /// <summary>The same with all operands in registers.</summary>
    public void TernaryOfRegisters(int target, int second, int third, byte truthTable)
    {
        Span<byte> rest = Instruction(opcodeMap: 3, isWide: false, target, second, third);
        rest[0] = 0x25;
        rest[1] = (byte)(0xC0 | ((target & 7) << 3) | (third & 7));
        rest[2] = truthTable;
        Length += 3;
    }

    /// <summary>Clears the upper register halves, as callers that use SSE expect, and returns.</summary>
    public void Return()
    {
        ReadOnlySpan<byte> vzeroupperAndRet = [0xC5, 0xF8, 0x77, 0xC3];
        vzeroupperAndRet.CopyTo(Room());
        Length += vzeroupperAndRet.Length;
    }

    /// <summary>Writes the prefix; register numbers are split between it, where their upper bits stand inverted, and the operand bytes.</summary>
    private Span<byte> Instruction(int opcodeMap, bool isWide, int reg, int second, int rm)
    {
        Span<byte> room = Room();
        room[0] = 0x62;
        room[1] = (byte)(opcodeMap | (Inverted(reg, 3) << 7) | (Inverted(rm, 4) << 6) | (Inverted(rm, 3) << 5) | (Inverted(reg, 4) << 4));
        room[2] = (byte)((isWide ? 0x80 : 0) | ((~second & 15) << 3) | 0b101);
        room[3] = (byte)(0b0100_0000 | (Inverted(second, 4) << 3));
        Length += 4;
        return room[4..];
    }

    private void WithMemory(Span<byte> rest, byte opcode, int reg, int offset)
    {
        rest[0] = opcode;
        rest[1] = (byte)(0x80 | ((reg & 7) << 3) | Argument);
        BinaryPrimitives.WriteInt32LittleEndian(rest[2..], offset);
        Length += 6;
    }

    private Span<byte> Room()
    {
        if (_code.Length - Length < LongestInstruction) Array.Resize(ref _code, 2 * _code.Length);
        return _code.AsSpan(Length);
    }

    private static int Inverted(int register, int bit) => (~register >> bit) & 1;
}
