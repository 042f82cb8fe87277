using System.Reflection;

namespace KestrelTlsUpgrade.Tool;

/// <summary>The version of this program.</summary>
internal static class ToolVersion
{
    /// <summary>For example <c>0.1.0-preview.1</c>, without build metadata.</summary>
    public static string Number { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
