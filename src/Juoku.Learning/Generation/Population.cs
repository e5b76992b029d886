namespace Juoku.Learning.Generation;

/// <summary>The people: what their table says of them, and what it means for their clicks.</summary>
internal sealed class Population
{
    /// <summary>Age bands: up to 24, 34, 44, 54 and over.</summary>
    public const int AgeBands = 5;

    private const int Chunk = 1 << 16;

    private readonly Person[] _people;

    private Population(Person[] people, int[] ages, byte[] regions, byte[] carriers, AliasTable activity) =>
        (_people, Ages, Regions, Carriers, Activity) = (people, ages, regions, carriers, activity);

    public int Count => _people.Length;

    public int[] Ages { get; }

    public byte[] Regions { get; }

    public byte[] Carriers { get; }

    /// <summary>Who sees the next impression: a few people see very many.</summary>
    public AliasTable Activity { get; }

    public ref readonly Person this[int user] => ref _people[user];

    public static Population Create(int users, ulong seed, ClickEffects effects)
    {
        var people = new Person[users];
        var ages = new int[users];
        var regions = new byte[users];
        var carriers = new byte[users];
        var activity = new double[users];
        var regionShare = new AliasTable([0.35, 0.18, 0.14, 0.11, 0.07, 0.06, 0.04, 0.03, 0.02]);
        var carrierShare = new AliasTable([0.38, 0.28, 0.2, 0.14]);
        var deviceShare = new AliasTable([0.4, 0.34, 0.19, 0.07]);
        var genderShare = new AliasTable([0.46, 0.46, 0.08]);
        var interests = new ZipfDistribution(Vocabulary.Categories.Count, 0.8);

        for (int first = 0; first < users; first += Chunk)
        {
            var random = new SeededRandom(seed, Streams.People + (ulong)(first / Chunk));
            for (int user = first; user < Math.Min(users, first + Chunk); user++)
            {
                int age = ages[user] = Math.Clamp((int)(38 + 15 * random.NextNormal()), 13, 90);
                regions[user] = (byte)regionShare.Next(random);
                carriers[user] = (byte)carrierShare.Next(random);
                byte device = (byte)deviceShare.Next(random), gender = (byte)genderShare.Next(random);
                byte one = (byte)interests.Next(random), two = (byte)interests.Next(random), three = (byte)interests.Next(random);
                byte band = (byte)Math.Clamp((age - 15) / 10, 0, AgeBands - 1);
                float appetite = (float)(effects.Region[regions[user]] + effects.Carrier[carriers[user]] + effects.Device[device]
                    + 0.25 * Math.Cos((age - 25) / 25.0) + 0.12 * random.NextNormal());
                people[user] = new Person(appetite, device, gender, band, one, two, three);
                activity[user] = Math.Exp(random.NextNormal());
            }
        }

        return new Population(people, ages, regions, carriers, new AliasTable(activity));
    }
}

/// <summary>What decides a person's clicks, small enough to be met at random among millions.</summary>
/// <param name="Appetite">Log odds that the person brings, whatever the ad.</param>
/// <param name="Device">Code in <see cref="Vocabulary.Devices"/>.</param>
/// <param name="Gender">Code in <see cref="Vocabulary.Genders"/>.</param>
/// <param name="AgeBand">0 … <see cref="Population.AgeBands"/> − 1.</param>
/// <param name="First">Category of the strongest interest.</param>
/// <param name="Second">Category of the second.</param>
/// <param name="Third">Category of the third.</param>
internal readonly record struct Person(float Appetite, byte Device, byte Gender, byte AgeBand, byte First, byte Second, byte Third)
{
    /// <summary>How strongly a category interests the person: 3, 2, 1 or 0.</summary>
    public int Interest(byte category) => category == First ? 3 : category == Second ? 2 : category == Third ? 1 : 0;
}
