using System.Globalization;

namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>How long and how hard to measure.</summary>
internal sealed record ComparisonSettings(int Rounds = 9, double Seconds = 1.5, string Only = "", params int[] Connections)
{
    public static ComparisonSettings Parse(string[] options)
    {
        var settings = new ComparisonSettings() { Connections = [16] };
        for (var i = 0; i + 1 < options.Length; i += 2)
        {
            settings = options[i] switch
            {
                "--rounds" => settings with { Rounds = int.Parse(options[i + 1], CultureInfo.InvariantCulture) },
                "--seconds" => settings with { Seconds = double.Parse(options[i + 1], CultureInfo.InvariantCulture) },
                "--only" => settings with { Only = options[i + 1] },
                "--connections" => settings with
                {
                    Connections = [.. options[i + 1].Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))],
                },
                var unknown => throw new ArgumentException($"Unknown option {unknown}."),
            };
        }

        return settings;
    }
}
