using System.Diagnostics.CodeAnalysis;

namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>Whether the types of the application can be searched. A trimmed application no longer has all of them.</summary>
internal static class TypeDiscovery
{
    /// <summary>Where an application is trimmed, this is replaced by <see langword="false"/>, and what it guards is removed.</summary>
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
#pragma warning disable IL4000 // The analyzer expects a feature switch, which would have to be set for the linker to look at it.
    public static bool IsSupported => true;
#pragma warning restore IL4000
}
