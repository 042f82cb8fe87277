using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>
/// Finds the types and methods of an assembly that require TLS by an attribute. Its table of attributes is read, because loading all types
/// and methods would take many times as long.
/// </summary>
internal static class MarkedMembers
{
    private static readonly ConditionalWeakTable<Assembly, MemberInfo[]> Found = [];

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    public static IReadOnlyList<MemberInfo> FindIn(Assembly assembly) => Found.GetValue(assembly, Read);

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    private static unsafe MemberInfo[] Read(Assembly assembly) =>
        assembly.TryGetRawMetadata(out var content, out var length)
            ? [.. Read(new MetadataReader(content, length), assembly.ManifestModule)]
            : [];

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    private static IEnumerable<MemberInfo> Read(MetadataReader reader, Module module)
    {
        var isRequirement = new Dictionary<EntityHandle, bool>();
        foreach (var handle in reader.CustomAttributes)
        {
            var attribute = reader.GetCustomAttribute(handle);
            if (attribute.Parent.Kind is not (HandleKind.TypeDefinition or HandleKind.MethodDefinition))
            {
                continue;
            }

            if (!isRequirement.TryGetValue(attribute.Constructor, out var isMatch))
            {
                isMatch = Resolve<MethodBase>(module, attribute.Constructor)?.DeclaringType?.IsAssignableTo(typeof(IRequireTlsUpgradeMetadata)) is true;
                isRequirement.Add(attribute.Constructor, isMatch);
            }

            if (isMatch && Resolve<MemberInfo>(module, attribute.Parent) is { } member && IsRequired(member))
            {
                yield return member;
            }
        }
    }

    /// <summary>The attribute of a type or method.</summary>
    public static IRequireTlsUpgradeMetadata? FindRequirement(MemberInfo member) =>
        member.GetCustomAttributes(typeof(IRequireTlsUpgradeMetadata), inherit: false).LastOrDefault() as IRequireTlsUpgradeMetadata;

    /// <summary>Whether the attribute requires TLS, or lifts the requirement of an enclosing scope.</summary>
    private static bool IsRequired(MemberInfo member) => FindRequirement(member) is { Required: true };

    [RequiresUnreferencedCode("Types and methods of the application are searched.")]
    private static T? Resolve<T>(Module module, EntityHandle handle)
        where T : MemberInfo
    {
        try
        {
            return module.ResolveMember(MetadataTokens.GetToken(handle)) as T;
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException or TypeLoadException or MissingMemberException)
        {
            // It needs an assembly that is not there, or another version of it, so the application cannot use it either.
            return null;
        }
    }
}
