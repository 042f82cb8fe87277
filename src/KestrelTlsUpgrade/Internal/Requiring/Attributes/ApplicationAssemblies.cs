using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;

namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>
/// The assemblies of the process whose types can have <see cref="IRequireTlsUpgradeMetadata"/> as an attribute: those that refer to this
/// one, directly or through others.
/// </summary>
/// <remarks>
/// References are followed and loaded, because an assembly is otherwise loaded no earlier than its first type is used, which may be after
/// the decision that depends on it.
/// </remarks>
internal sealed class ApplicationAssemblies
{
    /// <summary>The keys that .NET, ASP.NET Core and their packages are signed with. None of them refers to this assembly.</summary>
    private static readonly FrozenSet<string> FrameworkKeys = FrozenSet.Create(
        "7CEC85D7BEA7798E", "ADB9793829DDAE60", "B03F5F7F11D50A3A", "B77A5C561934E089", "CC7B13FFCD2DDD51", "31BF3856AD364E35");

    private readonly Func<IEnumerable<Assembly>> _getRoots;
    private int _version;

    /// <summary>Begins the search at certain assemblies.</summary>
    public ApplicationAssemblies(params Assembly[] roots)
        : this(() => roots)
    {
    }

    private ApplicationAssemblies(Func<IEnumerable<Assembly>> getRoots) => _getRoots = getRoots;

    /// <summary>Begins the search at everything that is loaded. Which application of the process it belongs to cannot be told.</summary>
    public static ApplicationAssemblies InProcess { get; } = CreateForProcess();

    /// <summary>Changes when there are further assemblies to search.</summary>
    public int Version => Volatile.Read(ref _version);

    [RequiresUnreferencedCode("References of assemblies are followed.")]
    public IEnumerable<Assembly> Find()
    {
        var all = LoadAll();
        var names = new HashSet<string?>
        {
            typeof(IRequireTlsUpgradeMetadata).Assembly.GetName().Name,
        };
        for (var count = 0; count < names.Count;)
        {
            count = names.Count;
            foreach (var (assembly, references) in all)
            {
                if (references.Any(reference => names.Contains(reference.Name)))
                {
                    names.Add(assembly.GetName().Name);
                }
            }
        }

        return all.Keys.Where(assembly => names.Contains(assembly.GetName().Name) && assembly != typeof(ApplicationAssemblies).Assembly);
    }

    private static ApplicationAssemblies CreateForProcess()
    {
        var assemblies = new ApplicationAssemblies(AppDomain.CurrentDomain.GetAssemblies);
        AppDomain.CurrentDomain.AssemblyLoad += (_, _) => Interlocked.Increment(ref assemblies._version);
        return assemblies;
    }

    [RequiresUnreferencedCode("References of assemblies are followed.")]
    private Dictionary<Assembly, AssemblyName[]> LoadAll()
    {
        var all = new Dictionary<Assembly, AssemblyName[]>();
        var asked = new HashSet<(AssemblyLoadContext?, string)>();
        var rest = new Stack<Assembly>(_getRoots());
        while (rest.TryPop(out var assembly))
        {
            if (assembly.IsDynamic || all.ContainsKey(assembly) || IsOfFramework(assembly.GetName()))
            {
                continue;
            }

            var references = all[assembly] = [.. assembly.GetReferencedAssemblies().Where(static name => !IsOfFramework(name))];
            var context = AssemblyLoadContext.GetLoadContext(assembly);
            foreach (var reference in references)
            {
                if (asked.Add((context, reference.FullName)) && TryLoad(context, reference) is { } loaded)
                {
                    rest.Push(loaded);
                }
            }
        }

        return all;
    }

    private static Assembly? TryLoad(AssemblyLoadContext? context, AssemblyName name)
    {
        try
        {
            return (context ?? AssemblyLoadContext.Default).LoadFromAssemblyName(name);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException)
        {
            // An optional dependency that was not deployed. What cannot be loaded cannot be used either.
            return null;
        }
    }

    private static bool IsOfFramework(AssemblyName name) =>
        name.GetPublicKeyToken() is { Length: > 0 } token && FrameworkKeys.Contains(Convert.ToHexString(token));
}
