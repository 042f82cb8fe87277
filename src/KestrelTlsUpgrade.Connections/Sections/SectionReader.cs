using System.Net;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>
/// Sets options from a section of the configuration. It is stricter than a binder: an unknown key or an unreadable value is an error,
/// because the operator relies on a setting that would be ignored silently.
/// </summary>
/// <param name="settings">How to read each setting, by its key.</param>
internal sealed class SectionReader<TOptions>(Dictionary<string, SectionReader<TOptions>.Setting> settings)
{
    public delegate void Setting(TOptions options, IConfigurationSection setting, List<string> errors);

    private readonly Dictionary<string, Setting> _settings = new(settings, StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys of the settings.</summary>
    public IReadOnlyCollection<string> Keys => _settings.Keys;

    public void Read(IConfigurationSection section, TOptions options, List<string> errors)
    {
        SettingValue.CheckSection(section, _settings.Keys, errors);
        foreach (var setting in section.GetChildren())
        {
            if (_settings.TryGetValue(setting.Key, out var read))
            {
                read(options, setting, errors);
            }
            else
            {
                errors.Add(SettingValue.NotKnown(setting, _settings.Keys));
            }
        }
    }

    public static Setting Switch(Action<TOptions, bool> set) => Value(SettingValue.ReadSwitch, set);

    public static Setting Time(Action<TOptions, TimeSpan> set) => Value(SettingValue.ReadTime, set);

    /// <summary>A time that zero switches off.</summary>
    public static Setting TimeOrZero(Action<TOptions, TimeSpan> set) => Value(SettingValue.ReadTimeOrZero, set);

    public static Setting Count(Action<TOptions, int> set) => Value(SettingValue.ReadCount, set);

    public static Setting Choice<TEnum>(Action<TOptions, TEnum> set)
        where TEnum : struct, Enum => Value(SettingValue.ReadChoice<TEnum>, set);

    /// <summary>A text, or nothing.</summary>
    public static Setting Text(Action<TOptions, string?> set) => (options, setting, errors) =>
    {
        SettingValue.CheckText(setting, errors);
        set(options, setting.Value);
    };

    public static Setting Networks(Func<TOptions, IList<IPNetwork>> find) => List(find, SettingValue.ReadNetworks);

    /// <param name="find">The list of the options.</param>
    /// <param name="tryRead">Reads one value.</param>
    /// <param name="expected">What values look like.</param>
    public static Setting List<T>(Func<TOptions, IList<T>> find, SettingValue.TryRead<T> tryRead, string expected) =>
        List(find, (setting, errors) => SettingValue.ReadList(setting, tryRead, expected, errors));

    /// <summary>Replaces what the list had, or leaves it unchanged if a value cannot be read.</summary>
    private static Setting List<T>(Func<TOptions, IList<T>> find, Func<IConfigurationSection, List<string>, List<T>?> read) =>
        (options, setting, errors) =>
        {
            if (read(setting, errors) is { } values)
            {
                var list = find(options);
                list.Clear();
                values.ForEach(list.Add);
            }
        };

    /// <summary>Leaves the option unchanged if the value cannot be read.</summary>
    public static Setting Value<T>(Func<IConfigurationSection, List<string>, T?> read, Action<TOptions, T> set)
        where T : struct => (options, setting, errors) =>
        {
            if (read(setting, errors) is { } value)
            {
                set(options, value);
            }
        };
}
