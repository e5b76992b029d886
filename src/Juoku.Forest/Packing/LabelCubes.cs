namespace Juoku.Forest.Packing;

/// <summary>An aligned block of 2^<paramref name="Log"/> leaf labels that share their upper bits.</summary>
internal readonly record struct LabelCube(int First, int Log)
{
    public int Size => 1 << Log;
}

/// <summary>
/// Divides a set of leaf labels between the two children of a node. Leaf labels are free to choose; the better they are chosen, the
/// fewer bit planes a node has to select between (see <see cref="TreeCompiler"/>). Cubes go whole where they can: a child that owns one
/// has constant upper bits, and a leaf that owns one does not care for its lower bits.
/// </summary>
internal static class LabelCubes
{
    /// <summary>Splits <paramref name="cubes"/> (largest first) so that each child gets at least as many labels as it has leaves.</summary>
    public static void Split(ReadOnlySpan<LabelCube> cubes, int zeroLeaves, int oneLeaves, List<LabelCube> zero, List<LabelCube> one)
    {
        bool oneIsSmall = oneLeaves < zeroLeaves;
        (int small, int large) = oneIsSmall ? (oneLeaves, zeroLeaves) : (zeroLeaves, oneLeaves);
        (List<LabelCube> toSmall, List<LabelCube> toLarge) = oneIsSmall ? (one, zero) : (zero, one);

        if (cubes.Length == 1 && large <= cubes[0].Size / 2)
        {
            // The upper half goes to the one child, so that the new plane is the condition itself.
            int log = cubes[0].Log - 1;
            zero.Add(new LabelCube(cubes[0].First, log));
            one.Add(new LabelCube(cubes[0].First + (1 << log), log));
            return;
        }

        int total = 0;
        foreach (LabelCube cube in cubes) total += cube.Size;
        int spare = total - large;

        if (cubes.Length > 1 && large <= cubes[0].Size && small <= total - cubes[0].Size)
        {
            toLarge.Add(cubes[0]);
            toSmall.AddRange(cubes[1..]);
            return;
        }

        int wanted = small == 1 ? 0 : int.Log2(small - 1) + 1;
        for (int i = cubes.Length - 1; i >= 0; i--)
        {
            if (cubes[i].Log < wanted || 1 << wanted > spare) continue;
            int log = Math.Min(cubes[i].Log, int.Log2(spare));
            toSmall.Add(Corner(cubes[i], log, oneIsSmall));
            toLarge.AddRange(cubes[..i]);
            AddRest(cubes[i], log, oneIsSmall, toLarge);
            toLarge.AddRange(cubes[(i + 1)..]);
            toLarge.Sort((a, b) => b.Log - a.Log);
            return;
        }

        TakeExactly(cubes, small, toSmall, toLarge);
    }

    /// <summary>The sub-cube of 2^log labels at the upper or lower end.</summary>
    private static LabelCube Corner(LabelCube cube, int log, bool upper) => new(upper ? cube.First + cube.Size - (1 << log) : cube.First, log);

    /// <summary>What <see cref="Corner"/> leaves of the cube.</summary>
    private static void AddRest(LabelCube cube, int log, bool upper, List<LabelCube> rest)
    {
        for (int half = cube.Log - 1; half >= log; half--)
        {
            rest.Add(new LabelCube(upper ? cube.First : cube.First + (1 << half), half));
            cube = new LabelCube(upper ? cube.First + (1 << half) : cube.First, half);
        }
    }

    private static void TakeExactly(ReadOnlySpan<LabelCube> cubes, int small, List<LabelCube> toSmall, List<LabelCube> toLarge)
    {
        for (int i = cubes.Length - 1; i >= 0; i--)
        {
            LabelCube cube = cubes[i];
            while (small > 0 && small < cube.Size)
            {
                var upper = new LabelCube(cube.First + (cube.Size / 2), cube.Log - 1);
                cube = new LabelCube(cube.First, cube.Log - 1);
                if (small >= upper.Size)
                {
                    toSmall.Add(upper);
                    small -= upper.Size;
                }
                else
                {
                    toLarge.Add(upper);
                }
            }

            (small > 0 ? toSmall : toLarge).Add(cube);
            small -= small > 0 ? cube.Size : 0;
        }

        toSmall.Sort((a, b) => b.Log - a.Log);
        toLarge.Sort((a, b) => b.Log - a.Log);
    }
}
