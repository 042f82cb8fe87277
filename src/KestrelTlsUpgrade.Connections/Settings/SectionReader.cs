using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Connections.Settings;

/// <summary>
/// Sets options as a section of the configuration says. Stricter than a binder: what it does not know, or cannot take, is an
/// error, because a setting that is silently not taken is one that its owner relies on.
/// </summary>
/// <param name="settings">What is done with each setting, by its key.</param>
internal sealed class SectionReader<TOptions>(Dictionary<string, SectionReader<TOptions>.Setting> settings)
{
    public delegate void Setting(TOptions options, IConfigurationSection setting, List<string> errors);

    private readonly Dictionary<string, Setting> _settings = new(settings, StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that it knows.</summary>
    public IReadOnlyCollection<string> Keys => _settings.Keys;

    public void Read(IConfigurationSection section, TOptions options, List<string> errors)
    {
        SettingValue.CheckSection(section, Keys, errors);
        foreach (var setting in section.GetChildren())
        {
            if (_settings.TryGetValue(setting.Key, out var read))
            {
                read(options, setting, errors);
            }
            else
            {
                errors.Add(SettingValue.NotKnown(setting, Keys));
            }
        }
    }

    public static Setting Switch(Action<TOptions, bool> set) => Value(SettingValue.ReadSwitch, set);

    public static Setting Time(Action<TOptions, TimeSpan> set) => Value(SettingValue.ReadTime, set);

    public static Setting Count(Action<TOptions, int> set) => Value(SettingValue.ReadCount, set);

    public static Setting Choice<TEnum>(Action<TOptions, TEnum> set)
        where TEnum : struct, Enum => Value(SettingValue.ReadChoice<TEnum>, set);

    /// <summary>Leaves the option as it is where the value cannot be taken.</summary>
    public static Setting Value<T>(Func<IConfigurationSection, List<string>, T?> read, Action<TOptions, T> set)
        where T : struct => (options, setting, errors) =>
        {
            if (read(setting, errors) is { } value)
            {
                set(options, value);
            }
        };
}
