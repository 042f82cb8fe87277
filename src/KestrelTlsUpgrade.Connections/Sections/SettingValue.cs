using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// Reads single values of the configuration. A value that cannot be read is returned as <see langword="null"/> and added to the errors,
/// with its path and the remedy.
/// </summary>
internal static class SettingValue
{
    /// <summary>The recommended versions first: messages list the names in this order.</summary>
    private static readonly Dictionary<string, SslProtocols> Versions = TlsVersion.All.Where(static version => version.IsRecommended)
        .Concat(TlsVersion.All.Where(static version => !version.IsRecommended).Reverse())
        .Select(static version => version.Protocol)
        .Append(SslProtocols.None)
        .ToDictionary(static version => version.ToString(), StringComparer.OrdinalIgnoreCase);

    public delegate bool TryRead<T>(string text, [MaybeNullWhen(false)] out T value);

    public static bool? ReadSwitch(IConfigurationSection setting, List<string> errors)
    {
        if (bool.TryParse(setting.Value, out var value))
        {
            return value;
        }

        errors.Add(NotTaken(setting, ["true", "false"]));
        return null;
    }

    /// <summary>Accepts names only: a number would mean nothing to a reader of the configuration.</summary>
    public static TEnum? ReadChoice<TEnum>(IConfigurationSection setting, List<string> errors)
        where TEnum : struct, Enum
    {
        if (Enum.GetNames<TEnum>().Contains(setting.Value, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<TEnum>(setting.Value!, ignoreCase: true);
        }

        errors.Add(NotTaken(setting, Enum.GetNames<TEnum>()));
        return null;
    }

    /// <summary>One version, or a list of them, as in Kestrel's own sections.</summary>
    public static SslProtocols? ReadVersions(IConfigurationSection setting, List<string> errors)
    {
        SslProtocols? versions = SslProtocols.None;
        var items = setting.Value is null ? setting.GetChildren().ToArray() : [setting];
        foreach (var item in items.Length > 0 ? items : [setting])
        {
            if (Versions.TryGetValue(item.Value ?? "", out var version))
            {
                versions |= version;
            }
            else
            {
                errors.Add(NotTaken(item, Versions.Keys));
                versions = null;
            }
        }

        return versions;
    }

    /// <summary>Accepts less than a day: .NET reads <c>10</c> as ten days, and <c>24:00:00</c> as twenty-four.</summary>
    public static TimeSpan? ReadTime(IConfigurationSection setting, List<string> errors)
    {
        if (TimeSpan.TryParse(setting.Value, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero && time.Days == 0)
        {
            return time;
        }

        errors.Add(NotTaken(setting, ["a time of less than a day, such as 00:00:10"]));
        return null;
    }

    /// <summary>A time as of <see cref="ReadTime"/>, or zero.</summary>
    public static TimeSpan? ReadTimeOrZero(IConfigurationSection setting, List<string> errors)
    {
        if (TimeSpan.TryParse(setting.Value, CultureInfo.InvariantCulture, out var time) && time >= TimeSpan.Zero && time.Days == 0)
        {
            return time;
        }

        errors.Add(NotTaken(setting, ["a time of less than a day, such as 01:00:00", "00:00:00 for none"]));
        return null;
    }

    /// <summary>A whole number from 1 on.</summary>
    public static int? ReadCount(IConfigurationSection setting, List<string> errors)
    {
        if (int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            return count;
        }

        errors.Add(NotTaken(setting, ["a whole number from 1 on"]));
        return null;
    }

    /// <summary>A list of values, or a single one.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="tryRead">Reads one value.</param>
    /// <param name="expected">What values look like.</param>
    /// <param name="errors">The values that cannot be read.</param>
    public static List<T>? ReadList<T>(IConfigurationSection setting, TryRead<T> tryRead, string expected, List<string> errors)
    {
        List<T>? values = [];
        var items = setting.Value is null ? setting.GetChildren().ToArray() : [setting];
        foreach (var item in items.Length > 0 ? items : [setting])
        {
            if (item.Value is not null && tryRead(item.Value, out var value))
            {
                values?.Add(value);
            }
            else
            {
                errors.Add(NotTaken(item, [expected]));
                values = null;
            }
        }

        return values;
    }

    /// <summary>A list of networks, or a single one.</summary>
    public static List<IPNetwork>? ReadNetworks(IConfigurationSection setting, List<string> errors) =>
        ReadList<IPNetwork>(setting, TryReadNetwork, "a network, such as 10.1.0.0/16", errors);

    /// <summary>.NET completes addresses: 10/8 would be 0.0.0.10/8.</summary>
    private static bool TryReadNetwork(string text, out IPNetwork network)
    {
        network = default;
        return (text.Contains(':', StringComparison.Ordinal) || text.Count('.') == 3) && IPNetwork.TryParse(text, out network);
    }

    /// <summary>Requires a single value instead of a section.</summary>
    public static void CheckText(IConfigurationSection setting, List<string> errors)
    {
        if (setting.Value is null)
        {
            errors.Add($"{setting.Path} is not a single value.");
        }
    }

    /// <summary>Requires a section, which may be empty.</summary>
    public static bool CheckSection(IConfigurationSection section, IEnumerable<string> keys, List<string> errors)
    {
        if (section.Value is null)
        {
            return true;
        }

        errors.Add($"{section.Path} is '{section.Value}'. Use a section with {string.Join(", ", keys)}.");
        return false;
    }

    /// <summary>The error for an unknown setting, with the known one that is most like it.</summary>
    public static string NotKnown(IConfigurationSection setting, IReadOnlyCollection<string> known)
    {
        var nearest = NearestName.Find(setting.Key, known);
        return $"{setting.Path} is not a setting. " + (nearest is null ? $"Use {string.Join(", ", known)}." : $"Did you mean {nearest}?");
    }

    private static string NotTaken(IConfigurationSection setting, IEnumerable<string> values) =>
        $"{setting.Path} is {(setting.Value is null ? "not a single value" : $"'{setting.Value}'")}. Use {string.Join(", ", values)}.";
}
