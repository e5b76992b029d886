using System.Buffers.Binary;

namespace Juoku.Forest.Emitting;

/// <summary>
/// Writes the four x64 instructions that emitted selections consist of (Intel SDM volume 2, EVEX encoding). Registers are zmm0 … zmm31;
/// memory operands are 512 bits at an offset from the function's first argument.
/// </summary>
internal sealed class EvexWriter
{
    // The first argument is in rdi (System V) or rcx (Windows).
    private static readonly int Argument = OperatingSystem.IsWindows() ? 1 : 7;

    private readonly List<byte> _code = [];

    public int Length => _code.Count;

    public byte[] ToArray() => [.. _code];

    /// <summary><c>target = [offset]</c></summary>
    public void Load(int target, int offset)
    {
        Prefix(opcodeMap: 1, isWide: true, target, second: 0, rm: 0);
        Memory(0x6F, target, offset);
    }

    /// <summary><c>[offset] = source</c></summary>
    public void Store(int offset, int source)
    {
        Prefix(opcodeMap: 1, isWide: true, source, second: 0, rm: 0);
        Memory(0x7F, source, offset);
    }

    /// <summary>Bitwise function of three operands, as a truth table indexed by (target, second, third): <c>target = f(target, second, [offset])</c>.</summary>
    public void Ternary(int target, int second, int offset, byte truthTable)
    {
        Prefix(opcodeMap: 3, isWide: false, target, second, rm: 0);
        Memory(0x25, target, offset);
        _code.Add(truthTable);
    }

    /// <summary>The same with all operands in registers.</summary>
    public void TernaryOfRegisters(int target, int second, int third, byte truthTable)
    {
        Prefix(opcodeMap: 3, isWide: false, target, second, third);
        _code.Add(0x25);
        _code.Add((byte)(0xC0 | ((target & 7) << 3) | (third & 7)));
        _code.Add(truthTable);
    }

    /// <summary>Clears the upper register halves, as callers that use SSE expect, and returns.</summary>
    public void Return() => _code.AddRange([0xC5, 0xF8, 0x77, 0xC3]);

    /// <summary>Register numbers are split between the prefix, where their upper bits stand inverted, and the operand bytes.</summary>
    private void Prefix(int opcodeMap, bool isWide, int reg, int second, int rm)
    {
        _code.Add(0x62);
        _code.Add((byte)(opcodeMap | (Inverted(reg, 3) << 7) | (Inverted(rm, 4) << 6) | (Inverted(rm, 3) << 5) | (Inverted(reg, 4) << 4)));
        _code.Add((byte)((isWide ? 0x80 : 0) | ((~second & 15) << 3) | 0b101));
        _code.Add((byte)(0b0100_0000 | (Inverted(second, 4) << 3)));
    }

    private void Memory(byte opcode, int reg, int offset)
    {
        _code.Add(opcode);
        _code.Add((byte)(0x80 | ((reg & 7) << 3) | Argument));
        Span<byte> displacement = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(displacement, offset);
        _code.AddRange(displacement);
    }

    private static int Inverted(int register, int bit) => (~register >> bit) & 1;
}
