using System;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Sorts source files. MSBuild lists them in the order in which a file system has them, and the assembly follows that order.
/// </summary>
public sealed class SortedItems : Task
{
    /// <summary>The items in any order.</summary>
    [Required]
    public ITaskItem[] Items { get; set; } = [];

    /// <summary>The items by path.</summary>
    [Output]
    public ITaskItem[] Sorted { get; set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        Sorted = Items.OrderBy(static item => item.ItemSpec.Replace('\\', '/'), StringComparer.Ordinal).ToArray();
        return true;
    }
}
